import { Button, Form, type FormProps, Input, Text } from "@tarojs/components";
import { useLoad } from "@tarojs/taro";
import { useState } from "react";
import { zhenren } from "../../zhenren";

export default function Index() {
  const [result, setResult] = useState("");

  // For the person's eyes. What depends on it is the business of your server, which gets the event.
  const show = ({ message }: { message: string }) => setResult(message);

  // the app was killed while the camera was open
  useLoad(() => zhenren.resume().then((ended) => ended && show(ended), show));

  // ZhenrenError: the server refused, or did not answer
  const verify: FormProps["onSubmit"] = ({ detail: { value } }) =>
    zhenren
      .verify({
        channel: "wechat",
        identity: { name: value?.name, idCardNumber: value?.idCardNumber },
        reference: "order-1",
      })
      .then(show, show);

  return (
    <>
      <Form onSubmit={verify}>
        <Input name="name" placeholder="姓名" value="张三" />
        <Input name="idCardNumber" placeholder="身份证号" value="11010119900307002X" />
        <Button formType="submit" type="primary">
          开始核身
        </Button>
      </Form>
      <Text>{result}</Text>
    </>
  );
}
