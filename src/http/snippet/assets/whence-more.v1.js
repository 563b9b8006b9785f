/* Whence 1: what only some pages need */
// The snippet loads it where its tag says data-consent="tcf" or "gcm", to
// follow the platform that asks visitors for consent, or data-calls, to call
// from the page.
(() => {
  'use strict';

  const script = document.currentScript;
  const { calls, consent: asks, tcfPurposes = '7', tcfVendor } = script.dataset;

  // IAB TCF 2.2. Purpose 1 is to keep something in the browser. A platform
  // that loads later than we do is waited for, half a minute.
  const followTcf = (tries) => {
    if (!window.__tcfapi) return tries && setTimeout(followTcf, 500, tries - 1);
    const purposes = ['1', ...tcfPurposes.match(/\d+/g) || []];
    const agreed = ({ purpose, vendor }) =>
      purposes.every((n) => purpose?.consents[n]) && (!tcfVendor || vendor?.consents[tcfVendor]);
    __tcfapi('addEventListener', 2, (data, ok) => {
      if (!ok) return;
      if (data.gdprApplies === false) whence.consent(true);
      // Until the visitor has answered, nothing is known.
      else if (data.eventStatus !== 'cmpuishown') whence.consent(!!agreed(data));
    });
  };

  // Google Consent Mode v2: commands in the page's dataLayer, before and after
  // us. We do not know the visitor's region: a default for some regions
  // grants nothing, and one that denies holds until an update. A default
  // erases nothing either: where the visitor agreed before, it stands on each
  // page until the platform says so again.
  const followGcm = () => {
    const layer = (window.dataLayer ||= []);
    let denied = false;
    const hear = (entry) => {
      if (entry?.[0] !== 'consent') return;
      const { analytics_storage: state, region } = entry[2] || {};
      if (!state) return;
      const granted = state === 'granted';
      if (entry[1] === 'update') whence.consent(granted);
      else if (!granted) denied = true;
      else if (!denied && !region) whence.consent(true);
    };
    const { push } = layer;
    layer.forEach(hear);
    layer.push = (...entries) => {
      const length = push.apply(layer, entries);
      entries.forEach(hear);
      return length;
    };
  };

  if (asks === 'tcf') followTcf(60);
  if (asks === 'gcm') followGcm();
  if (calls != null) {
    const call = document.createElement('script');
    Object.assign(call, {
      src: new URL('whence-call.v1.js', script.src),
      integrity: 'INTEGRITY',
      crossOrigin: '',
      nonce: script.nonce,
    });
    Object.assign(call.dataset, script.dataset);
    script.after(call);
  }
})();
