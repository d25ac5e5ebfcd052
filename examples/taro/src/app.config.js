export default {
  pages: ["pages/index/index"],
  window: { navigationBarTitleText: "真人核身" },
  __usePrivacyCheck__: true,
};
