const { zhenren } = getApp();

Page({
  data: { result: "" },

  async onLoad() {
    const result = await zhenren.resume(); // the app was killed while the camera was open
    if (result) this.show(result);
  },

  async verify({ detail: { value: identity } }) {
    try {
      this.show(await zhenren.verify({ channel: "wechat", identity, reference: "order-1" }));
    } catch (error) {
      this.show(error); // ZhenrenError: the server refused, or did not answer
    }
  },

  // For the person's eyes. What depends on it is the business of your server, which gets the event.
  show({ message }) {
    this.setData({ result: message });
  },
});
