// Writes the times of the page in the viewer's zone. Without it they stand in UTC.

const language = document.documentElement.lang;
const forms = {
  moment: { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  recent: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  day: { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
  time: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
};
const writers = Object.fromEntries(
  // English as Europe writes it: the day before the month.
  Object.entries(forms).map(([name, form]) => [name, new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, form)]),
);

const thisYear = new Date().getFullYear();

for (const time of document.querySelectorAll('time[data-show]')) {
  time.title = time.dateTime;
  const at = new Date(time.dateTime);
  const form = time.dataset.show === 'moment' && at.getFullYear() === thisYear ? 'recent' : time.dataset.show;
  time.textContent = writers[form].format(at);
}

// A text that is made to be pasted has a button that copies it.
for (const pasted of navigator.clipboard ? document.querySelectorAll('pre[data-copy]') : []) {
  const button = document.createElement('button');
  button.className = 'quiet';
  button.textContent = pasted.dataset.copy;
  const told = () => {
    button.textContent = pasted.dataset.copied;
    setTimeout(() => { button.textContent = pasted.dataset.copy; }, 2000);
  };
  button.addEventListener('click', () => navigator.clipboard.writeText(pasted.innerText.trim()).then(told, () => {}));
  pasted.before(button);
}

const { timeZone } = writers.moment.resolvedOptions();
for (const note of document.querySelectorAll('[data-zone]')) {
  note.textContent = `${note.dataset.zone} ${timeZone.replaceAll('_', ' ')}.`;
}

// Reports are counted by the viewer's days: the zone is told once, and a page that was counted by another is asked for
// again, unless the browser keeps no cookies.
const told = `whence_zone=${timeZone}`;
if (timeZone && !document.cookie.split('; ').includes(told)) {
  document.cookie = `${told}; path=/console; max-age=31536000; samesite=lax`;
  const used = document.querySelector('[data-zone-used]');
  const kept = document.cookie.split('; ').includes(told);
  if (used && kept && used.dataset.zoneUsed !== timeZone && !new URLSearchParams(location.search).has('zone')) location.reload();
}
