// Pictures of the demo website, light and dark, on a phone and a desk, for
// whoever changes how it looks: `npm run screenshots [folder]`.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { launch } from './browser.mjs';
import { start } from './stub.mjs';

const folder = process.argv[2] ?? 'screenshots';
const sizes = { desk: { width: 1280, height: 860 }, phone: { width: 390, height: 844 } };
const pages = { home: '/demo/', contact: '/demo/contact.html', app: '/demo/app.html', product: '/demo/app.html?pain=miche' };

mkdirSync(folder, { recursive: true });
const browser = await launch();
const stub = await start();
for (const [size, viewport] of Object.entries(sizes)) {
  for (const colorScheme of ['light', 'dark']) {
    const context = await browser.newContext({ viewport, colorScheme, deviceScaleFactor: size === 'phone' ? 2 : 1 });
    const page = await context.newPage();
    await page.goto(`${stub.origin}/demo/`);
    await page.waitForFunction(() => window.whence?.debug().reply);
    await page.screenshot({ path: join(folder, `asked-${size}-${colorScheme}.png`) });
    await page.click('button[value=yes]');
    for (const [name, path] of Object.entries(pages)) {
      await page.goto(stub.origin + path);
      await page.waitForFunction(() => window.whence?.debug().swapped);
      await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`), fullPage: true });
    }
    await context.close();
  }
}
await browser.close();
await stub.close();
