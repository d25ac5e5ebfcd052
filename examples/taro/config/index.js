module.exports = {
  projectName: "zhenren-example-taro",
  framework: "react",
  compiler: { type: "webpack5", prebundle: { enable: false } },
  plugins: [],
  sourceRoot: "src",
  outputRoot: "dist",
  designWidth: 750,
  mini: {},
};
