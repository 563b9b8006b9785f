// A single-page app in one file: a list, and a view for each product. The
// address changes without a new page, and so does the telephone number's place.

const PRODUCTS = {
  baguette: ['Baguette de tradition', '1,30 €', 'Vingt heures de pousse lente. À prendre par deux, la première ne rentre jamais entière.'],
  miche: ['Miche au levain', '6,80 €', 'Blé de population, moulu sur pierre. Demandez-la bien cuite.'],
  croissant: ['Croissant pur beurre', '1,40 €', 'Vingt-sept couches. Pour plus de douze, prévenez-nous la veille.'],
  brioche: ['Brioche à tête', '3,20 €', 'Œufs de plein air et beurre de Bresse. Tiède si vous arrivez à huit heures.'],
};

const app = document.querySelector('#app');
const heading = document.title;

/** An element with its attributes and what it holds. */
function make(tag, attributes, ...children) {
  const node = Object.assign(document.createElement(tag), attributes);
  node.append(...children);
  return node;
}

const link = (id, text, className) =>
  make('a', { href: id ? `/demo/app.html?pain=${id}` : '/demo/app.html', className, textContent: text });

const picture = (id) => make('img', { src: `/demo/${id}.svg`, alt: '', width: 200, height: 140 });

function list() {
  const cards = Object.entries(PRODUCTS).map(([id, [name, price]]) =>
    make(
      'li',
      { className: 'card' },
      picture(id),
      make('h3', {}, name),
      make('p', { className: 'price' }, price),
      link(id, 'Choisir', 'more'),
    ),
  );
  return [make('ul', { className: 'cards' }, ...cards)];
}

function product(id) {
  const [name, price, text] = PRODUCTS[id];
  return [
    link('', '← Tous les pains', 'crumbs'),
    make(
      'div',
      { className: 'product' },
      make('figure', {}, picture(id)),
      make(
        'div',
        { className: 'stack' },
        make('h2', {}, name),
        make('p', {}, text),
        make('p', { className: 'price' }, price),
        make('a', { className: 'call large', href: 'tel:+33199000001' }, '01 99 00 00 01'),
        make('p', { className: 'aside-line', lang: 'en' }, 'Call +33 (0)1 99 00 00 01 to have one kept for you.'),
      ),
    ),
  ];
}

function draw() {
  const id = new URLSearchParams(location.search).get('pain');
  const known = Object.hasOwn(PRODUCTS, id);
  document.title = known ? `${PRODUCTS[id][0]} · Boulangerie Martin` : heading;
  app.replaceChildren(...(known ? product(id) : list()));
}

app.addEventListener('click', (event) => {
  const { target } = event;
  const plain = !event.metaKey && !event.ctrlKey && !event.shiftKey;
  if (target.tagName !== 'A' || !target.pathname.endsWith('/app.html') || !plain) return;
  event.preventDefault();
  history.pushState({}, '', target.href);
  draw();
});

addEventListener('popstate', draw);
draw();
