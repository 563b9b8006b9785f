// The page where somebody looks after their choices and data, and what the mails that it sends open.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible } from '../support/axe.mjs';
import { launch } from '../support/browser.mjs';
import { openMailbox } from '../support/mailbox.mjs';
import { WEB, startDemo, within } from './demo_gateway.mjs';

let mailbox;
let demo;
let browser;

before(async () => {
  mailbox = await openMailbox();
  demo = await startDemo(null, mailbox.settings);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await demo?.stop();
  await mailbox?.close();
});

let known = 0;

/** Somebody of whom a program has written, and a link to their page. */
async function somebody() {
  const email = `ada${++known}@example.org`;
  const contact = await demo.send('POST', 'contacts', {
    given_name: 'Ada', family_name: 'Lovelace',
    addresses: [{ line: '12 rue Secrète', postcode: '69001', city: 'Lyon' }],
    identities: [{ kind: 'email', value: email, verified: true }, { kind: 'phone', value: `+3363998${String(known).padStart(4, '0')}` }],
  });
  const { url } = await demo.send('POST', `contacts/${contact.id}/preference-links`, {});
  return { id: contact.id, email, url };
}

const opened = async (options, url) => {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(url);
  return { context, page, complaints };
};

const linkTo = (email, what) => within(20_000, `a mail goes to ${email}`, () => {
  const texts = mailbox.mails.filter((mail) => mail.to === email).map((mail) => mail.text);
  return texts.map((text) => new RegExp(`http://[^\\s"<]+/${what}/[0-9a-f]{64}`).exec(text)?.[0]).find(Boolean);
});

for (const [javaScriptEnabled, lang] of [[true, 'en'], [false, 'fr']]) {
  const words = {
    en: { choices: 'Your choices', saved: 'Your choices are written down.', save: 'Save my choices', correct: 'Correct what is wrong', corrected: 'Your correction is written down.' },
    fr: { choices: 'Vos choix', saved: 'Vos choix sont notés.', save: 'Enregistrer mes choix', correct: 'Corriger ce qui est faux', corrected: 'Votre correction est notée.' },
  }[lang];

  test(`somebody chooses, says how often, and corrects, in ${lang}, JavaScript ${javaScriptEnabled ? 'or none' : 'off'}`, async () => {
    const ada = await somebody();
    const { context, page, complaints } = await opened({ javaScriptEnabled, locale: lang }, ada.url);
    assert.equal(await page.locator('h1').innerText(), words.choices);
    const shown = await page.locator('main').innerText();
    assert.ok(shown.includes('Ada Lovelace') && shown.includes('69001 Lyon'), shown);
    assert.ok(!shown.includes('rue Secrète') && !shown.includes(ada.email), 'a link may have been passed on');

    await page.locator('input[value="email/offers/boulangerie"][type=checkbox]').check();
    await page.selectOption('select[name=often_email]', 'month');
    await page.getByRole('button', { name: words.save }).click();
    assert.equal(await page.getByRole('status').innerText(), words.saved);
    assert.equal(await page.locator('select[name=often_email]').inputValue(), 'month');
    assert.ok(await page.locator('input[value="email/offers/boulangerie"][type=checkbox]').isChecked());

    await page.fill('input[name=given_name]', 'Augusta');
    await page.fill('input[name=line]', '1 rue Neuve');
    await page.fill('input[name=postcode]', '69002');
    await page.fill('input[name=city]', 'Lyon');
    await page.fill('input[name=phone]', '12');
    await page.getByRole('button', { name: words.correct }).click();
    assert.match(await page.getByRole('alert').innerText(), lang === 'en' ? /Another telephone number/ : /Un autre numéro/);
    assert.equal(await page.locator('input[name=line]').inputValue(), '1 rue Neuve', 'what was typed is not lost');
    await page.fill('input[name=phone]', '');
    await page.getByRole('button', { name: words.correct }).click();
    assert.equal(await page.getByRole('status').innerText(), words.corrected);

    const contact = await demo.api(`contacts/${ada.id}`);
    assert.deepEqual([contact.given_name, contact.addresses.length, contact.addresses[0].line], ['Augusta', 1, '1 rue Neuve']);
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

test('everything is seen, downloaded and asked to be erased by a link from a fresh mail alone', async () => {
  const ada = await somebody();
  const { context, page } = await opened({ locale: 'fr', javaScriptEnabled: false, acceptDownloads: true }, ada.url);
  await page.locator('form[action*="/key"] button').click();
  assert.match(await page.getByRole('status').innerText(), /demi-heure/);
  await page.goto(await linkTo(ada.email, 'my-data'));
  assert.equal(await page.locator('h1').innerText(), 'Tout ce que l’on sait de vous');
  assert.ok((await page.locator('main').innerText()).includes('12 rue Secrète'));

  const downloading = page.waitForEvent('download');
  await page.locator('form[action*="/archive"] button').click();
  assert.match((await downloading).suggestedFilename(), /^contact-.*\.zip$/);
  await page.locator('form[action*="/erasure"] button').click();
  assert.match(await page.getByRole('status').innerText(), /effacement/);
  const { items } = await demo.api(`requests?contact=${ada.id}`);
  assert.deepEqual(items.map(({ kind, came_by, state }) => [kind, came_by, state]), [['erasure', 'page', 'open']]);
  await context.close();
});

test('another e-mail address counts once it is confirmed by its mail', async () => {
  const ada = await somebody();
  const other = `other${known}@example.org`;
  const { context, page } = await opened({ locale: 'en' }, ada.url);
  await page.fill('input[name=email]', other);
  await page.locator('form[action*="/email"] button').click();
  assert.match(await page.getByRole('status').innerText(), /A mail is on its way/);
  const emails = async () => (await demo.api(`contacts/${ada.id}`)).identities.filter(({ kind }) => kind === 'email').map(({ value }) => value);
  assert.deepEqual(await emails(), [ada.email]);

  await page.goto(await linkTo(other, 'my-email'));
  await accessible(page);
  assert.deepEqual(await emails(), [ada.email], 'a scanner that opens the link confirms nothing');
  await page.getByRole('button', { name: 'Yes, it is mine' }).click();
  assert.deepEqual((await emails()).sort(), [ada.email, other].sort());
  await context.close();
});

test('each page is accessible, light and dark, in either language, and no wider than a small phone', async () => {
  const ada = await somebody();
  const { context, page } = await opened({ viewport: { width: 320, height: 640 } }, ada.url);
  await page.locator('form[action*="/key"] button').click();
  const everything = await linkTo(ada.email, 'my-data');
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const lang of ['en', 'fr']) {
      for (const address of [ada.url, everything, `${WEB}/preferences/nothing`]) {
        await page.goto(`${address}?lang=${lang}`);
        await accessible(page);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, address);
      }
    }
  }
  await context.close();
});
