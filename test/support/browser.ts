import { type Browser, chromium } from 'playwright-core';

/** Chromium grants camera and microphone unasked, and both are generated pictures and beeps. */
export const FAKE_MEDIA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

/** As above, but the machine has no camera, whatever the real one has. */
export const NO_CAMERA = ['--use-fake-device-for-media-stream=device-count=0', '--use-fake-ui-for-media-stream'];

/** A headless Chromium of the machine (`CHROMIUM_PATH`, else `/usr/bin/chromium`). Whoever launches it closes it. */
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
