/**
 * FaceID's answers as its documents and public integrations show them (Tencent doc 1007/41957): shapes theirs, values
 * invented.
 */

const noImages = {
  OcrFront: null,
  OcrBack: null,
  ProcessedFrontImage: null,
  ProcessedBackImage: null,
  Avatar: null,
  WarnInfos: null,
  BackWarnInfos: null,
};

const around = {
  IdCardData: noImages,
  BestFrame: { BestFrame: null, BestFrames: null },
  VideoData: { LivenessVideo: null, LivenessVideos: null },
  Encryption: { EncryptList: [], CiphertextBlob: "", Iv: "", Algorithm: "", TagList: [] },
  IntentionVerifyData: null,
  IntentionQuestionResult: null,
  IntentionActionResult: null,
  EncryptedBody: "",
  IsVerifyIntention: false,
  IntentionVerifyType: "",
  RequestId: "5f0c77a1-0000-4000-8000-00000000000a",
};

/** One entry of `LivenessDetail`. */
export const detail = (over: Record<string, unknown> = {}) => ({
  ReqTime: "1790000093456",
  Seq: "8d0a-02",
  Idcard: "11010119900307002X",
  Name: "张三",
  Sim: "92.37",
  IsNeedCharge: true,
  Errcode: 0,
  Errmsg: "成功",
  Livestatus: 0,
  Livemsg: "成功",
  Comparestatus: 0,
  Comparemsg: "成功",
  CompareLibType: "权威库",
  LivenessMode: 4,
  ...over,
});

const failedDetail = detail({
  ReqTime: "1790000050123",
  Seq: "8d0a-01",
  Sim: null,
  IsNeedCharge: false,
  Errcode: 1301,
  Livestatus: 1301,
  Comparestatus: null,
});

/** Passed on the second attempt. */
export const passedAnswer = (text: Record<string, unknown> = {}) => ({
  ...around,
  Text: {
    ErrCode: 0,
    ErrMsg: "成功",
    IdCard: "11010119900307002X",
    UseIDType: 0,
    Name: "张三",
    OcrNation: null,
    OcrName: "",
    OcrIdCard: "",
    IdInfoFrom: "其他",
    LiveStatus: 0,
    LiveMsg: "成功",
    Comparestatus: 0,
    Comparemsg: "成功",
    Sim: "92.37",
    Location: null,
    Extra: "ver_demo",
    CompareLibType: "权威库",
    LivenessMode: 4,
    LivenessInfoTag: [],
    Mobile: "",
    LivenessDetail: [failedDetail, detail()],
    ...text,
  },
});

/** One attempt, which failed at liveness: comparison never ran. */
export const failedAnswer = passedAnswer({
  ErrCode: 1301,
  LiveStatus: 1301,
  Comparestatus: null,
  Sim: null,
  LivenessDetail: [failedDetail],
});

/** Created and never opened. No error: every value null or empty. */
export const unusedAnswer = passedAnswer({
  ErrCode: null,
  ErrMsg: null,
  IdCard: "",
  Name: "",
  LiveStatus: null,
  LiveMsg: null,
  Comparestatus: null,
  Comparemsg: null,
  Sim: null,
  Extra: "",
  CompareLibType: "",
  LivenessDetail: [],
});
