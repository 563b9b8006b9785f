// The part of the sample website that is not the snippet: its consent banner,
// and the strip that tells whoever tries the demo what the snippet did.

const banner = document.querySelector('#consent');
const status = document.querySelector('#status');

/** Runs `work` once the snippet, which loads on its own time, is there. */
function withWhence(work) {
  if (window.whence?.debug) work();
  else addEventListener('whence', work);
}

// ---- Consent. A refusal is not kept either, so the next page asks again. ----

withWhence(() => {
  banner.hidden = whence.debug().consent;
});

banner.addEventListener('click', ({ target }) => {
  if (target.tagName !== 'BUTTON') return;
  withWhence(() => whence.consent(target.value === 'yes'));
  banner.hidden = true;
});

document.querySelector('#choice').addEventListener('click', () => {
  banner.hidden = false;
  banner.querySelector('button').focus();
});

// ---- The strip ----

function tell() {
  const { consent, reason, reply, swapped } = whence.debug();
  const rule = reply?.swaps.find((swap) => swap.number)?.rule;
  if (!reply && (swapped || reason === 'waiting for the reply')) return;
  const came = reply ? `You came by “${reply.channel}”. ` : '';
  const whose =
    rule === 'lease' || rule === 'renewed'
      ? 'The number on this page is yours alone.'
      : rule
        ? 'The number on this page is your channel’s.'
        : consent
          ? `The number on this page is the bakery’s own: ${reason}.`
          : 'Without your consent the number on this page is the bakery’s own.';
  if (status.textContent !== came + whose) status.textContent = came + whose;
}

withWhence(() => {
  tell();
  setInterval(tell, 250);
});

// A visit goes on for half an hour, wherever it came from. To arrive as
// somebody new, the demo forgets the ids that the snippet keeps, though not
// that this browser gave its consent.
document.querySelector('#arrivals').addEventListener('click', ({ target }) => {
  if (target.tagName !== 'A' || !window.whence?.debug().consent) return;
  sessionStorage.removeItem('whence.visit');
  localStorage.setItem('whence.visitor', '');
});

if (matchMedia('(max-width: 46rem)').matches) document.querySelector('.demo').open = false;
