/** The simulated merchant of E证通. */
export const MERCHANT_ID = "sim-merchant";

/**
 * The merchant's SM2 key pair (sm2p256v1), the same on every machine. The public key is what the eID centre was given;
 * SIM_EID_PUBLIC_KEY puts another in its place. It looks simulated nowhere, so it says so here: the private key opens
 * nothing but what this simulator has sealed, and belongs into EID_PRIVATE_KEY of a local set-up.
 *
 * private: 7446a50d4e79be1549d2015c9621f150f00efd59a543a9c577e65e31805f67e9
 */
export const SIMULATED_PUBLIC_KEY =
  "04a189902127e7bba140b18f1eb1e3acdab3fe4d55c76e42ed078dc9a42263a705" +
  "c1f13e5ed820748872a873efa67fd55551b2c724c6562f6564b1a59e929eae30";
