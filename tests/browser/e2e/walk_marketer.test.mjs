// The walk of a marketer, in French: which channels made the phone ring today, what one caller did before, what it cost, who
// does well; what somebody knows better is corrected, and the report goes to people and programs elsewhere.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { launch } from '../support/browser.mjs';
import { sipp, within } from './demo_gateway.mjs';
import { startGateway } from './own_gateway.mjs';
import { caller, says, startLine, startWalk } from './walk.mjs';

const POSTER = '+33199002001';
const TRUNK = `
[[trunk]]
name = "carrier"
from = ["127.0.0.1"]
country = "FR"
`;
const plan = (origin, counter, night) => `
[[outlets]]
id = "head-office"
name = "Boulangerie Martin"

[[outlets]]
id = "lyon"
name = "Boulangerie Martin Lyon"
parent = "head-office"

[[outlets]]
id = "paris"
name = "Boulangerie Martin Paris"
parent = "head-office"

[[destinations]]
id = "counter"
name = "Comptoir à Lyon"
outlet = "lyon"
line = "sip:counter@${counter}"

[[destinations]]
id = "night"
name = "Ligne de nuit à Paris"
outlet = "paris"
line = "sip:night@${night}"
ring_s = 2

[[sites]]
id = "boulangerie"
name = "boulangerie-martin.example"
outlet = "head-office"
origins = ["${origin}"]
headless = "lend"
leases_per_block = 0

[[pools]]
id = "boulangerie"
site = "boulangerie"
target = "+33199000001"
destination = "counter"
keep_alive_s = 1200
quarantine_s = 600
ageing_s = 0
numbers = ["+33199001000..+33199001019"]

[[numbers]]
e164 = "${POSTER}"
label = "Affiche dans le métro"
outlet = "paris"
destination = "night"
channel = "Offline"
source = "affiche"
medium = "print"
campaign = "rentree"
`;

const NEWSLETTER = '/galettes?utm_source=newsletter&utm_medium=email&utm_campaign=noel';
const AD = '/galettes?utm_source=google&utm_medium=cpc&utm_campaign=galettes&utm_term=galette+des+rois';
/** Who came how, and how their call went. The first came twice: the newsletter made them curious, the ad made them call. */
const CALLERS = [
  ['+33639980071', 'talks.xml', NEWSLETTER, AD],
  ['+33639980072', 'talks.xml', AD],
  ['+33478000073', 'talks.xml', '/'],
  ['+33639980074', 'gives_up.xml', '/mariage?utm_source=facebook&utm_medium=paid_social&utm_campaign=mariage'],
  ['+33145000075', 'talks.xml', '/'],
  ['+33639980076', 'talks.xml', NEWSLETTER],
];

let website, lines, gateway, browser;
before(async () => {
  website = createServer((_, answer) => answer.setHeader('Content-Type', 'text/html').end(html()));
  await new Promise((done) => website.listen(0, '127.0.0.1', done));
  lines = await Promise.all(['answered', 'no_answer'].map(startLine));
  const [counter, night] = lines.map((line) => line.address);
  gateway = await startGateway({ trunks: TRUNK, plan: plan(origin(), counter, night), role: 'marketing' });
  browser = await launch();
  await Promise.all([
    ...CALLERS.map(([from, scenario, ...ways]) => visitsAndCalls(from, scenario, ways)),
    ...['+33639980077', '+33142000078'].map((from) => sipp(caller('no_answer'), POSTER, from, gateway.sip)),
  ]);
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  await Promise.all((lines ?? []).map((line) => line.stop()));
  website?.closeAllConnections();
  website?.close();
});

const origin = () => `http://127.0.0.1:${website.address().port}`;
const html = () => `<!doctype html><html lang="fr"><meta charset="utf-8"><title>Boulangerie Martin</title>
<script async src="${gateway.web}/whence.v1.js" data-site="boulangerie" data-consent="granted" data-timeout="30000"></script>
<a href="tel:+33199000001">01 99 00 00 01</a>`;

async function visitsAndCalls(from, scenario, ways) {
  const context = await browser.newContext({ locale: 'fr' });
  let number;
  for (const way of ways) {
    const page = await context.newPage();
    await page.goto(origin() + way);
    const lent = await page.waitForFunction(() => /^tel:(\+3319900(?!0001).*)$/.exec(document.querySelector('a').href)?.[1]);
    number = await lent.jsonValue();
  }
  await sipp(scenario, number, from, gateway.sip);
  await context.close();
}

/** What a file has that a click brings. */
async function downloaded(page, link) {
  const file = page.waitForEvent('download');
  await link.click();
  return readFile(await (await file).path(), 'utf8');
}

test('a marketer reads where calls came from, and what that cost', async () => {
  const options = { locale: 'fr-FR', timezoneId: 'Europe/Paris' };
  const { page, open, stop, tabTo, end } = await startWalk(browser, gateway, 'marketer', options);
  const link = (name, within = page) => within.getByRole('link', { name, exact: true });
  const button = (name) => page.getByRole('button', { name, exact: true });
  const rowOf = (name) => page.locator('tbody tr', { hasText: name }).first();
  const counted = () => page.locator('.tiles .large').first().innerText().catch(() => '');

  await within(30_000, 'all calls are counted', async () => {
    await open('overview?period=today');
    return (await counted()) === '8';
  });
  await link('l’année précédente').click();
  await page.waitForURL('**compare=**');
  await says(page.locator('.tiles'), 'Répondu 5 Sans réponse 3 Taux de réponse 63 %');
  // The first caller came twice, so half of their call is the ad’s.
  await says(page.locator('#origins'), 'Recherche payante 1,5 1–2 100 %');
  await stop('overview');

  await tabTo(link('Recherche payante', page.locator('#origins')));
  await page.keyboard.press('Enter');
  await page.waitForURL('**channel=Paid**');
  assert.equal(await counted(), '1,5');
  await stop('one-channel');
  await page.getByRole('link', { name: 'Voir ces appels' }).click();
  assert.equal(await page.locator('.row-link').count(), 2);
  await link('06 39 98 00 71').click();

  // How the call came about, in words; then what somebody knows who has talked to the caller.
  const [ad, letter] = ['google / cpc · galettes', 'newsletter / email · noel'];
  await says(page.locator('.origin'), 'Recherche payante', ad, 'E-mail', letter, 'Une autre visite l’a vu également.');
  await says(page.locator('.journey'), letter, '/galettes', ad, 'Appel reçu', 'Décroché');
  await stop('a-call');
  await page.selectOption('select[name=qualification]', 'sale');
  await button('Enregistrer').first().click();
  await page.fill('textarea[name=text]', 'Douze galettes pour le 6 janvier.\nA vu la lettre de Noël.');
  await button('Noter').click();
  await page.fill('input[name=tags]', 'galettes, entreprise');
  await page.locator('.notes .line button').click();
  await page.locator('.correct summary').click();
  await page.locator('.correct').getByRole('radio', { name: /newsletter/ }).check();
  await button('Il venait de là').click();
  await page.locator('.origin').getByText('Quelqu’un qui le sait l’a indiqué.').waitFor();
  await says(page.locator('.origin'), 'E-mail 100 %', 'Calculs antérieurs (1)');
  await says(page.locator('.notes'), 'entreprise', 'Douze galettes');
  await stop('corrected');

  await open('calls');
  await page.fill('input[type=search]', '00 71');
  await page.locator('.search button').click();
  assert.equal(await page.locator('.row-link').count(), 1);
  await open('calls?tag=galettes');
  await page.locator('.choose summary').click();
  for (const column of ['Étiquettes', 'Qualification']) await page.locator('.choose').getByLabel(column, { exact: true }).check();
  await page.locator('.choose button').click();
  await page.locator('.keep summary').click();
  await page.fill('.keep input[name=name]', 'Les galettes');
  await page.locator('.keep > form button').click();
  await open('calls');
  await link('Les galettes', page.locator('.views')).click();
  await page.waitForURL('**tag=galettes**');
  await says(page.locator('.calls tbody'), '06 39 98 00 71', 'E-mail', 'Une vente', 'entreprise, galettes');
  await stop('a-view-of-calls');
  // As a French spreadsheet reads it, to which a + at the beginning would be a formula.
  const csv = await downloaded(page, link('En CSV ↓'));
  const [head, ...rows] = csv.trim().split('\r\n').map((line) => line.slice(1, -1).split('";"'));
  const [call] = rows.map((row) => Object.fromEntries(head.map((name, nth) => [name, row[nth]])));
  assert.equal(rows.length, 1);
  assert.deepEqual([call.caller, call.outcome, call.channel, call.campaign, call.qualification, call.tags],
    ["'+33639980071", 'answered', 'Email', 'noel', 'sale', 'entreprise, galettes']);

  await open('attribution?period=today&model=last');
  await says(rowOf('Hors ligne'), 'Hors ligne 2 ');
  await stop('attribution');
  await page.getByRole('link', { name: 'Voir ces parcours' }).click();
  await page.waitForURL('**/console/journeys**');
  assert.match(await page.locator('svg.flow').textContent(), /E-mail → /);
  await stop('journeys');

  // The day’s cost of the ad, per call that it brought.
  await open('money?period=today');
  const today = await page.locator('input[name=to]').inputValue();
  await page.fill('input[name=first_day]', today);
  await page.fill('input[name=amount]', '24,60');
  await page.selectOption('#add select[name=channel]', { label: 'Recherche payante' });
  await page.fill('input[name=campaign]', 'galettes');
  await button('Noter').click();
  await page.locator('#costs').getByText('galettes', { exact: true }).waitFor();
  await within(30_000, 'the ad has its one call left', async () => {
    await open('money?period=today');
    return /^Recherche payante\s+24,60\s+1\s+24,60\s/.test(await rowOf('Recherche payante').innerText());
  });
  await says(rowOf('E-mail'), 'E-mail 0,00 2 ');
  await stop('money');

  await open('network?period=today');
  await says(rowOf('Boulangerie Martin Paris'), '2 2 100 % trop peu d’appels');
  await stop('network');
  await page.getByRole('link', { name: 'Les campagnes dans chaque point de vente' }).click();
  await says(page.locator('.crossed'), 'galettes', 'Boulangerie Martin Lyon 6');
  await stop('crossed');
  await open('together?period=90d');
  await says(page.locator('main'), 'Il faut au moins huit semaines entières');
  await stop('together');

  await open('overview?period=today&channel=Email');
  await link('Partager par un lien').click();
  await button('Le faire').click();
  const address = await page.locator('.copy a').getAttribute('href');
  await stop('a-link-is-made');
  const stranger = await browser.newContext({ locale: 'fr-FR', timezoneId: 'Europe/Paris' });
  const theirs = await stranger.newPage();
  await theirs.goto(address);
  await says(theirs.locator('main'), 'a partagé ce rapport avec vous', 'Canal : E-mail', 'Appels 2 ');
  assert.equal(await theirs.locator('main a').count(), 0);
  await stop('as-a-stranger-sees-it', theirs);
  await stranger.close();
  await end();
});
