/**
 * In place of `form-data`, which brings `mime-db` (134 KB). The vendor's SDK makes a form only for multipart calls, which
 * FaceID and eID do not have.
 */
export default class FormData {
  constructor() {
    throw new Error("multipart requests are left out of the bundles (tools/build/stubs/form-data.ts)");
  }
}
