import { type Browser, chromium } from 'playwright-core';

/** Lets Chromium grant camera and microphone without asking, with beeps and few pictures: each one costs time to encode. */
export const FAKE_MEDIA = ['--use-fake-device-for-media-stream=fps=5', '--use-fake-ui-for-media-stream'];

/** As above, but without a camera, whatever the machine has. */
export const NO_CAMERA = ['--use-fake-device-for-media-stream=device-count=0', '--use-fake-ui-for-media-stream'];

/** Launches headless Chromium (`CHROMIUM_PATH`, else `/usr/bin/chromium`). The caller closes it. */
export function launchBrowser(extraArgs: string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    headless: true,
    args: [
      '--no-sandbox', // containers run the tests as root
      '--disable-gpu',
      '--disable-quic',
      '--disable-sync',
      ...extraArgs,
    ],
  });
}
