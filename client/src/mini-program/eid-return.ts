/** The return from E证通. */

/**
 * Whether an app is shown because the person returns from E证通's mini-program: leave out what your `onShow` does otherwise.
 *
 * @example onShow(options) { if (isEidReturn(options)) return; … }
 */
export const isEidReturn = ({
  scene,
  referrerInfo,
}: {
  scene?: number;
  referrerInfo?: { appId?: string };
}): boolean => scene === 1038 && referrerInfo?.appId === "wx0e2cb0b052a91c92";
