// Writes the times of the page in the viewer's zone. Without it they stand in UTC.

const language = document.documentElement.lang;
const forms = {
  moment: { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  day: { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
  time: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
};
const writers = Object.fromEntries(
  // English as Europe writes it: the day before the month.
  Object.entries(forms).map(([name, form]) => [name, new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, form)]),
);

for (const time of document.querySelectorAll('time[data-show]')) {
  time.title = time.dateTime;
  time.textContent = writers[time.dataset.show].format(new Date(time.dateTime));
}

const { timeZone } = writers.moment.resolvedOptions();
for (const note of document.querySelectorAll('[data-zone]')) {
  note.textContent = `${note.dataset.zone} ${timeZone.replaceAll('_', ' ')}.`;
}
