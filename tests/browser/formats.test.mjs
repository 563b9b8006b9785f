// Every way a number is written keeps its own look when it is swapped.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { consentScript, integrity, lent, page, snippet } from './support/stub.mjs';
import { suite } from './support/suite.mjs';

const it = suite();

// What stands on the page and what it must become, by the number swapped.
const TABLES = {
  'France: +33199000001 → +33142345678': [
    ['01 99 00 00 01', '01 42 34 56 78'],
    ['01.99.00.00.01', '01.42.34.56.78'],
    ['01-99-00-00-01', '01-42-34-56-78'],
    ['01/99/00/00/01', '01/42/34/56/78'],
    ['0199000001', '0142345678'],
    ['01\u00a099\u00a000\u00a000\u00a001', '01\u00a042\u00a034\u00a056\u00a078'],
    ['01\u202f99\u202f00\u202f00\u202f01', '01\u202f42\u202f34\u202f56\u202f78'],
    ['01\u200999\u200900\u200900\u200901', '01\u200942\u200934\u200956\u200978'],
    ['01 – 99 – 00 – 00 – 01', '01 – 42 – 34 – 56 – 78'],
    ['01 990 00 001', '01 423 45 678'],
    ['0 199 000 001', '0 142 345 678'],
    ['(01) 99 00 00 01', '(01) 42 34 56 78'],
    ['+33 1 99 00 00 01', '+33 1 42 34 56 78'],
    ['+33199000001', '+33142345678'],
    ['+33.1.99.00.00.01', '+33.1.42.34.56.78'],
    ['+33 (0)1 99 00 00 01', '+33 (0)1 42 34 56 78'],
    ['+33 (0) 1 99 00 00 01', '+33 (0) 1 42 34 56 78'],
    ['+33(0)199000001', '+33(0)142345678'],
    ['(+33) 1 99 00 00 01', '(+33) 1 42 34 56 78'],
    ['0033 1 99 00 00 01', '0033 1 42 34 56 78'],
    ['0033199000001', '0033142345678'],
    ['Appelez le 01 99 00 00 01.', 'Appelez le 01 42 34 56 78.'],
    ['Tél:0199000001!', 'Tél:0142345678!'],
    ['01 99 00 00 01 / 01 99 00 00 02', '01 42 34 56 78 / 01 99 00 00 02'],
    ['01 99 00 00 01, 01.99.00.00.01', '01 42 34 56 78, 01.42.34.56.78'],
    ['01\n      99 00\n      00 01', '01\n      42 34\n      56 78'],
    // Other numbers, and digits that only hold this one.
    ['01 99 00 00 02', '01 99 00 00 02'],
    ['101 99 00 00 01', '101 99 00 00 01'],
    ['01 99 00 00 012', '01 99 00 00 012'],
    ['+32 199000001', '+32 199000001'],
    ['+330199000001000', '+330199000001000'],
    ['99 00 00 01', '99 00 00 01'],
  ],
  'Belgium: +3225123456 → +3227654321': [
    ['02 512 34 56', '02 765 43 21'],
    ['02/512.34.56', '02/765.43.21'],
    ['+32 2 512 34 56', '+32 2 765 43 21'],
    ['+32 (0)2 512 34 56', '+32 (0)2 765 43 21'],
  ],
  'United Kingdom: +442079460018 → +442079460999': [
    ['020 7946 0018', '020 7946 0999'],
    ['(020) 7946 0018', '(020) 7946 0999'],
    ['+44 20 7946 0018', '+44 20 7946 0999'],
    ['+44 (0)20 7946 0018', '+44 (0)20 7946 0999'],
  ],
  'Spain, without a trunk digit: +34912345678 → +34919876543': [
    ['912 345 678', '919 876 543'],
    ['91 234 56 78', '91 987 65 43'],
    ['+34 912 345 678', '+34 919 876 543'],
    ['34912345678', '34912345678'],
  ],
  'Italy, where the zero belongs to the number: +390612345678 → +390687654321': [
    ['06 1234 5678', '06 8765 4321'],
    ['+39 06 1234 5678', '+39 06 8765 4321'],
  ],
  'North America: +12025550143 → +12025550199': [
    ['(202) 555-0143', '(202) 555-0199'],
    ['202-555-0143', '202-555-0199'],
    ['202.555.0143', '202.555.0199'],
    ['1-202-555-0143', '1-202-555-0199'],
    ['+1 (202) 555-0143', '+1 (202) 555-0199'],
    ['12025550143', '12025550199'],
  ],
  'Switzerland: +41445551234 → +41445559876': [
    ['044 555 12 34', '044 555 98 76'],
    ['+41 44 555 12 34', '+41 44 555 98 76'],
    ['+41 (0)44 555 12 34', '+41 (0)44 555 98 76'],
    ['0041 44 555 12 34', '0041 44 555 98 76'],
    ['044/555 12 34', '044/555 98 76'],
  ],
  'Luxembourg, without a trunk digit: +35226123456 → +35226987654': [
    ['26 12 34 56', '26 98 76 54'],
    ['26 123 456', '26 987 654'],
    ['+352 26 12 34 56', '+352 26 98 76 54'],
    ['(+352) 26 12 34-56', '(+352) 26 98 76-54'],
  ],
  'Germany: +493012345678 → +493098765432': [
    ['030 12345678', '030 98765432'],
    ['030/1234 56 78', '030/9876 54 32'],
    ['(030) 12 34 56 78', '(030) 98 76 54 32'],
    ['+49 30 12345678', '+49 30 98765432'],
    ['+49 (0)30 1234-5678', '+49 (0)30 9876-5432'],
    ['+49 (0) 30 / 123 456 78', '+49 (0) 30 / 987 654 32'],
    ['0049-30-12345678', '0049-30-98765432'],
  ],
  'Austria: +4315123456 → +4315987654': [
    ['01 5123456', '01 5987654'],
    ['01/512 34 56', '01/598 76 54'],
    ['+43 1 512 34 56', '+43 1 598 76 54'],
    ['+43 (0)1 512 34 56', '+43 (0)1 598 76 54'],
  ],
  'Portugal, without a trunk digit: +351211234567 → +351219876543': [
    ['211 234 567', '219 876 543'],
    ['21 123 45 67', '21 987 65 43'],
    ['+351 211 234 567', '+351 219 876 543'],
    ['(+351) 211 234 567', '(+351) 219 876 543'],
  ],
  'Ireland: +35315551234 → +35315559876': [
    ['01 555 1234', '01 555 9876'],
    ['(01) 555 1234', '(01) 555 9876'],
    ['+353 1 555 1234', '+353 1 555 9876'],
    ['+353 (0)1 555 1234', '+353 (0)1 555 9876'],
  ],
  'The Netherlands: +31201234567 → +31209876543': [
    ['020-1234567', '020-9876543'],
    ['020 123 45 67', '020 987 65 43'],
    ['(020) 123 4567', '(020) 987 6543'],
    ['+31 20 123 4567', '+31 20 987 6543'],
    ['+31 (0)20 123 4567', '+31 (0)20 987 6543'],
  ],
  'Morocco: +212522123456 → +212522987654': [
    ['05 22 12 34 56', '05 22 98 76 54'],
    ['0522-123456', '0522-987654'],
    ['+212 5 22 12 34 56', '+212 5 22 98 76 54'],
    ['+212 (0) 522 12 34 56', '+212 (0) 522 98 76 54'],
    ['00212 522 123 456', '00212 522 987 654'],
  ],
  'Algeria: +21321123456 → +21321987654': [
    ['021 12 34 56', '021 98 76 54'],
    ['(021) 12.34.56', '(021) 98.76.54'],
    ['+213 21 12 34 56', '+213 21 98 76 54'],
    ['+213 (0) 21 12 34 56', '+213 (0) 21 98 76 54'],
  ],
  'Tunisia, without a trunk digit: +21671123456 → +21671987654': [
    ['71 123 456', '71 987 654'],
    ['71.123.456', '71.987.654'],
    ['+216 71 123 456', '+216 71 987 654'],
    ['(+216) 71 123 456', '(+216) 71 987 654'],
  ],
  'Denmark, without a trunk digit: +4533123456 → +4533987654': [
    ['33 12 34 56', '33 98 76 54'],
    ['+45 33 12 34 56', '+45 33 98 76 54'],
  ],
  'Sweden: +46812345678 → +46898765432': [
    ['08-123 456 78', '08-987 654 32'],
    ['+46 8 123 456 78', '+46 8 987 654 32'],
    ['+46 (0)8-123 456 78', '+46 (0)8-987 654 32'],
  ],
  'Poland, without a trunk digit: +48221234567 → +48229876543': [
    ['22 123 45 67', '22 987 65 43'],
    ['+48 22 123 45 67', '+48 22 987 65 43'],
  ],
  'Australia: +61255501234 → +61255509876': [
    ['(02) 5550 1234', '(02) 5550 9876'],
    ['+61 2 5550 1234', '+61 2 5550 9876'],
  ],
  'Hungary, where 06 is dialled first: +3611234567 → +3619876543': [
    ['06 1 123 4567', '06 1 987 6543'],
    ['06-1/123-4567', '06-1/987-6543'],
    ['+36 1 123 4567', '+36 1 987 6543'],
  ],
  'A country the snippet has no habit of, in international form alone: +67570001234 → +67570005678': [
    ['+675 7000 1234', '+675 7000 5678'],
    ['00675 7000 1234', '00675 7000 5678'],
    ['7000 1234', '7000 1234'],
  ],
  'A number of another length is written plainly: +4930123456 → +4930987654321': [
    ['030 123456', '+4930987654321'],
    ['+49 30 123456', '+4930987654321'],
  ],
  'A number of another country is written plainly: +33199000001 → +32470123456': [
    ['01 99 00 00 01', '+32470123456'],
  ],
};

for (const [title, rows] of Object.entries(TABLES)) {
  test(title, async () => {
    const [target, number] = title.match(/\+\d+/g);
    it.stub.answer = () => ({ json: lent(number, target) });

    await it.open(page(`<table>${rows.map(([before]) => `<tr><td>${before}</td></tr>`).join('')}</table>`));
    await it.replied();

    const cells = await it.page.locator('td').evaluateAll((all) => all.map((cell) => cell.textContent));
    assert.deepEqual(cells, rows.map(([, after]) => after));
    assert.deepEqual(it.errors, []);
  });
}

describe('places', () => {
  const swapped = async (body) => {
    await it.open(page(body));
    await it.replied();
  };

  test('a tel: link is swapped in the form it has, an sms: link is not', async () => {
    await swapped(`
      <a id="plain" href="tel:+33199000001">Appeler</a>
      <a id="dashed" href="tel:+33-1-99-00-00-01;ext=12">Appeler</a>
      <a id="national" href="TEL:0199000001">Appeler</a>
      <a id="spaced" href="tel:01%2099%2000%2000%2001">Appeler</a>
      <a id="sms" href="sms:+33199000001">Écrire</a>
      <a id="web" href="https://annuaire.example/0199000001">Annuaire</a>`);

    const href = (id) => it.page.getAttribute(id, 'href');
    assert.equal(await href('#plain'), 'tel:+33199000042');
    assert.equal(await href('#dashed'), 'tel:+33-1-99-00-00-42;ext=12');
    assert.equal(await href('#national'), 'TEL:0199000042');
    assert.equal(await href('#spaced'), 'tel:01 99 00 00 42');
    assert.equal(await href('#sms'), 'sms:+33199000001');
    assert.equal(await href('#web'), 'https://annuaire.example/0199000001');
  });

  test('a label for screen readers and a title are swapped', async () => {
    await swapped(`<a id="a" href="tel:+33199000001" aria-label="Appeler le 01 99 00 00 01" title="01.99.00.00.01">☎</a>`);

    assert.equal(await it.page.getAttribute('#a', 'aria-label'), 'Appeler le 01 99 00 00 42');
    assert.equal(await it.page.getAttribute('#a', 'title'), '01.99.00.00.42');
    assert.equal(await it.page.getAttribute('#a', 'href'), 'tel:+33199000042');
  });

  test('a number that is split over spans is one number', async () => {
    await swapped(`
      <p id="a"><span>01</span> <span>99</span> <span>00</span> <b>00 <i>01</i></b></p>
      <p id="b">+33 <small>(0)</small>1 99 00<!-- soft --> 00 01</p>`);

    assert.equal(await it.text('#a'), '01 99 00 00 42');
    assert.equal(await it.page.locator('#a').evaluate((p) => p.querySelectorAll('span, b, i').length), 5);
    assert.equal(await it.text('#b'), '+33 (0)1 99 00 00 42');
  });

  test('digits of two blocks, or of a neighbour, are no part of a number', async () => {
    await swapped(`
      <div id="a"><div>01 99</div><div>00 00 01</div></div>
      <p id="b"><span>2</span><a>01 99 00 00 01</a><span>3</span></p>
      <p id="c">01 99<br>00 00 01</p>`);

    assert.equal(await it.text('#a'), '01 9900 00 01');
    assert.equal(await it.text('#b'), '201 99 00 00 423');
    assert.equal(await it.text('#c'), '01 9900 00 01');
  });

  test('what a person types, a machine reads or the page excludes stays', async () => {
    const number = '01 99 00 00 01';
    await it.open(
      page(
        `<input value="${number}" title="${number}"><textarea>${number}</textarea>
         <select><option>${number}</option></select>
         <div contenteditable><p>${number}</p></div>
         <div contenteditable="false" id="fixed">${number}</div>
         <p data-whence-ignore>${number} <a href="tel:+33199000001" title="${number}">${number}</a></p>
         <script type="application/ld+json" id="ld">{"telephone":"+33199000001"}</script>
         <style>.a::before{content:"${number}"}</style>
         <p id="shown">${number}</p>`,
        { head: `<meta name="description" content="${number}"><style>/* ${number} */</style>` },
      ),
    );
    await it.replied();

    assert.equal(await it.text('#shown'), '01 99 00 00 42');
    assert.equal(await it.text('#fixed'), '01 99 00 00 42');
    const rest = await it.page.evaluate(() => {
      document.querySelector('#shown').remove();
      document.querySelector('#fixed').remove();
      return document.documentElement.outerHTML;
    });
    assert.equal(rest.includes('42'), false);
    assert.equal(await it.page.inputValue('input'), number);
  });

  test('sms: links and data- attributes are swapped where the tag asks for it', async () => {
    const body = `<a href="sms:+33199000001?body=a" data-phone="01 99 00 00 01" data-other="0199000001">Écrire</a>`;
    await it.open(page(body, { attributes: 'data-consent="granted" data-sms data-attributes="data-phone, data-tel"' }));
    await it.replied();

    const link = it.page.locator('a');
    assert.equal(await link.getAttribute('href'), 'sms:+33199000042?body=a');
    assert.equal(await link.getAttribute('data-phone'), '01 99 00 00 42');
    assert.equal(await link.getAttribute('data-other'), '0199000001');
  });

  test('a picture of the number becomes the picture of the number shown', async () => {
    await swapped(`<img src="/phone.png" alt="Tél. 01 99 00 00 01" data-whence-src="/numbers/0199000001.png">
      <img src="/baguette.png" data-whence-src="/numbers/0199000002.png">`);

    const pictures = () => it.page.locator('img').evaluateAll((all) => all.map((img) => [img.getAttribute('src'), img.alt]));
    assert.deepEqual(await pictures(), [['/numbers/0199000042.png', 'Tél. 01 99 00 00 42'], ['/baguette.png', '']]);
    await it.page.evaluate(() => whence.consent(false));
    assert.deepEqual(await pictures(), [['/phone.png', 'Tél. 01 99 00 00 01'], ['/baguette.png', '']]);
  });

  test('frames and shadow roots are swapped where they ask for it, also when they change', async () => {
    const inner = '<p>01 99 00 00 01</p>';
    it.stub.pages.set('/inner', inner);
    it.stub.pages.set('/second', '<b>01.99.00.00.01</b>');
    await swapped(`<iframe id="a" src="/inner" data-whence></iframe><iframe id="b" src="/inner"></iframe>
      <div id="c" data-whence><template shadowrootmode="open"><i>01 99 00 00 01</i></template></div>
      <div id="d"><template shadowrootmode="open"><i>01 99 00 00 01</i></template></div>`);
    const frame = (id, text) => it.until(([id, text]) =>
      document.querySelector(id).contentDocument.body?.textContent === text, [id, text]);
    const shadow = (id) => it.page.evaluate((id) => document.querySelector(id).shadowRoot.textContent, id);

    await frame('#a', '01 99 00 00 42');
    await frame('#b', '01 99 00 00 01');
    assert.equal(await shadow('#c'), '01 99 00 00 42');
    assert.equal(await shadow('#d'), '01 99 00 00 01');
    await it.page.evaluate(() => {
      document.querySelector('#a').contentWindow.location = '/second';
      document.querySelector('#c').shadowRoot.innerHTML = '<i>+33 1 99 00 00 01</i>';
    });
    await frame('#a', '01.99.00.00.42');
    assert.equal(await shadow('#c'), '+33 1 99 00 00 42');
    await it.page.evaluate(() => whence.consent(false));
    await frame('#a', '01.99.00.00.01');
    assert.deepEqual(it.errors, []);
  });

  test('several numbers on one page each get their own', async () => {
    const swaps = [
      ...lent('+33199000042').swaps,
      { target: '+33199000002', number: null, rule: 'original' },
      { target: '+33199000003', number: '+33199000043', rule: 'lease' },
    ];
    it.stub.answer = () => ({ json: { ...lent(''), swaps } });

    await it.open(page('<p>01 99 00 00 01, 01 99 00 00 02, 01 99 00 00 03</p>'));
    await it.replied();

    assert.equal(await it.text('p'), '01 99 00 00 42, 01 99 00 00 02, 01 99 00 00 43');
  });
});

test('the snippet is at most 4 KiB when it travels', () => {
  const size = gzipSync(snippet(), { level: 9 }).length;

  assert.ok(size <= 4096, `${size} bytes`);
});

test('a tag that pins the snippet by its hash runs it, and no other', async () => {
  const pinned = (hash) => page('<p>01 99 00 00 01</p>', { attributes: `data-consent="granted" crossorigin integrity="${hash}"` });
  const elsewhere = it.stub.origin.replace('127.0.0.1', 'localhost');
  it.stub.pages.set('/right', pinned(integrity(snippet())).replace('src="/', `src="${elsewhere}/`));
  it.stub.pages.set('/wrong', pinned(integrity(`${snippet()} `)));

  await it.page.goto(`${it.stub.origin}/right`);
  await it.until(() => document.querySelector('p').textContent === '01 99 00 00 42');
  await it.page.goto(`${it.stub.origin}/wrong`, { waitUntil: 'load' });
  assert.equal(await it.page.evaluate(() => typeof window.whence), 'undefined');
  assert.equal(await it.text('p'), '01 99 00 00 01');
});

test('the snippet leaves one name in the page', async () => {
  await it.open(page('<iframe id="bare"></iframe>'));
  await it.replied();

  const names = await it.page.evaluate(() => {
    const bare = new Set(Object.getOwnPropertyNames(document.querySelector('#bare').contentWindow));
    return Object.getOwnPropertyNames(window).filter((name) => !bare.has(name) && !/^\d+$|^bare$|^__/.test(name));
  });
  assert.deepEqual(names, ['whence']);
});
