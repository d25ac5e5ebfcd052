const { createClient } = require("zhenren-client");
const { simulator } = require("zhenren-client/simulator");

// In the developer tools: the stack of `npm start` on this machine. Everywhere else: your functions.
const isDeveloped = wx.getAccountInfoSync().miniProgram.envVersion === "develop";

App({
  zhenren: createClient(
    isDeveloped
      ? { api: "http://127.0.0.1:3000", simulator: simulator("http://127.0.0.1:3100") }
      : { api: "https://verify.shop.example" },
  ),
});
