// The first steps: they come rendered and take the place of what they were. Without this the page is looked at again.

const steps = document.getElementById('setup-steps');
const waits = document.getElementById('setup-waits');
const refresh = document.getElementById('setup-refresh');
const waiting = (is) => {
  waits.hidden = !is;
  refresh.hidden = is;
};

const events = new EventSource('/console/setup/events');
events.onopen = () => waiting(true);
events.onerror = () => waiting(false);
events.addEventListener('signed_out', () => location.reload());
events.addEventListener('steps', ({ data }) => {
  // What is the same stays, and with it the place of who reads by keyboard.
  if (steps.dataset.told === data) return;
  const focused = steps.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
  steps.innerHTML = data;
  steps.dataset.told = data;
  if (focused) steps.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
});
addEventListener('pagehide', () => events.close(), { once: true });
addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
