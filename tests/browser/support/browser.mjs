// Starts Debian's Chromium without a window and without calling home.

import { chromium } from 'playwright-core';

export const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

export function launch() {
  // Playwright turns the back-forward cache off; visitors have it.
  return chromium.launch({ executablePath, args: QUIET, ignoreDefaultArgs: ['--disable-back-forward-cache'] });
}
