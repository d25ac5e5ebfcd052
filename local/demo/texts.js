/** Everything that the demo page says, in both languages. */

/** Some of the ways to fail that the providers publish: Tencent Cloud for FaceID and eID, WeChat for its own check. */
const faceIdCodes = {
  zh: {
    1004: "人脸检测失败",
    1301: "疑似非真人录制",
    2006: "姓名与身份证号不匹配",
    2016: "人脸相似度过低",
  },
  en: {
    1004: "The face check failed",
    1301: "The recording does not look live",
    2006: "Name and ID number do not match",
    2016: "The face is not similar enough",
  },
};
const wechatCodes = {
  zh: {
    10002: "未能采集人脸",
    10003: "姓名与身份证号不匹配",
    10004: "人脸与证件照不一致",
    10020: "核身超时",
  },
  en: {
    10002: "The face could not be captured",
    10003: "Name and ID number do not match",
    10004: "The face does not match the ID photo",
    10020: "It took too long",
  },
};

const texts = {
  zh: {
    language: "English",
    subtitle: "本机演示：微信内的实名核身",
    loginTitle: "登录",
    nameLabel: "任意用户名（代替 wx.login 的 code）",
    login: "登录",
    logout: "退出",
    loggedIn: "当前用户",
    startTitle: "发起核身",
    withIdentity: "由业务方提供姓名和身份证号",
    personLabel: "姓名",
    numberLabel: "身份证号",
    identityHint: "示例身份是虚构的。只发给本机的模拟服务。",
    start: "开始核身",
    recordsTitle: "核身记录",
    refresh: "刷新",
    noRecords: "还没有记录。登录后发起一次核身，结果会显示在这里。",
    developer: "开发者工具",
    developerHint: "定时任务平时自动运行；这里可以立即运行一次。",
    footer: "仅供本机演示：腾讯云与微信由离线模拟器代替，不会产生费用。",
    runTimer: (name) => `运行 ${name}`,
    movedClock: (hours, now) => `模拟时钟比真实时间快 ${hours} 小时（现在是 ${now}）。`,
    resetClock: "恢复为当前时间",
    phoneTitles: {
      "mini-program": "小程序刷脸（模拟手机）",
      eid: "E证通核身（模拟手机）",
      wechat: "微信人脸核验（模拟手机）",
    },
    phoneHint: "真机上由小程序 SDK 采集人脸；这里请选择结果。",
    pass: "通过",
    fail: "以所选错误码失败",
    otherPerson: "换成另一个人",
    close: "关闭",
    attempts: (count) => `尝试 ${count} 次`,
    unreachable: "无法连接本机服务，请确认 npm start 正在运行。",
    loggedOut: "登录已过期，请重新登录。",
    status: { pending: "待完成", passed: "已通过", failed: "未通过", expired: "已过期" },
    archive: {
      due: "待归档",
      archiving: "归档中",
      archived: "已归档",
      skipped: "无需归档",
      lost: "证据已丢失",
    },
    channels: {
      h5: ["H5 网页", "微信公众号内打开"],
      "mini-program": ["小程序", "小程序 SDK"],
      eid: ["E证通", "eID 数字身份"],
      wechat: ["微信核身", "微信自带的人脸核验"],
    },
    codes: { "mini-program": faceIdCodes.zh, eid: faceIdCodes.zh, wechat: wechatCodes.zh },
  },
  en: {
    language: "中文",
    subtitle: "Local demo: real-person verification for WeChat",
    loginTitle: "Log in",
    nameLabel: "Any user name (stands for a wx.login code)",
    login: "Log in",
    logout: "Log out",
    loggedIn: "Logged in as",
    startTitle: "Verify",
    withIdentity: "The merchant supplies name and ID number",
    personLabel: "Name",
    numberLabel: "ID number",
    identityHint: "The sample identity is invented and goes to the simulator on this machine only.",
    start: "Start verification",
    recordsTitle: "Verifications",
    refresh: "Refresh",
    noRecords: "Nothing yet. Log in and start a verification; its result appears here.",
    developer: "Developer tools",
    developerHint: "Timers run by themselves; here each can be run at once.",
    footer:
      "For this machine only: an offline simulator stands for Tencent Cloud and WeChat. Nothing is charged.",
    runTimer: (name) => `Run ${name}`,
    movedClock: (hours, now) => `The simulated clock is ${hours} hours ahead (${now}).`,
    resetClock: "Set it back to now",
    phoneTitles: {
      "mini-program": "Mini-program face check (simulated phone)",
      eid: "eID verification (simulated phone)",
      wechat: "WeChat's face verification (simulated phone)",
    },
    phoneHint: "On a real phone the SDK looks at the face. Choose the result here.",
    pass: "Pass",
    fail: "Fail with the chosen code",
    otherPerson: "Another person",
    close: "Close",
    attempts: (count) => `${count} attempt${count === 1 ? "" : "s"}`,
    unreachable: "The local service does not answer. Is npm start running?",
    loggedOut: "The login is over. Log in again.",
    status: { pending: "Pending", passed: "Passed", failed: "Failed", expired: "Expired" },
    archive: {
      due: "To be archived",
      archiving: "Archiving",
      archived: "Archived",
      skipped: "Nothing to archive",
      lost: "Evidence lost",
    },
    channels: {
      h5: ["H5 page", "In an official account"],
      "mini-program": ["Mini-program", "Mini-program SDK"],
      eid: ["E证通", "eID digital identity"],
      wechat: ["WeChat", "WeChat's own face check"],
    },
    codes: { "mini-program": faceIdCodes.en, eid: faceIdCodes.en, wechat: wechatCodes.en },
  },
};

let language = localStorage.getItem("zhenren-language") === "en" ? "en" : "zh";

/** The texts in the language of the moment. */
export const text = () => texts[language];

/** `zh` or `en`. */
export const currentLanguage = () => language;

/** A moment as people of the language write it. */
export const localTime = (iso) =>
  new Date(iso).toLocaleString(language === "zh" ? "zh-CN" : "en-GB", { hour12: false });

/** Goes over to the other language and remembers it. */
export function switchLanguage() {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem("zhenren-language", language);
}

/** Writes the texts into every element that names one by `data-text`. */
export function writeTexts() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = text()[element.dataset.text];
  }
}
