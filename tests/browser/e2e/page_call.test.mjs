// A visitor calls from the page: a real browser with a microphone that hums at
// one pitch, a real SIP line that hums at another, and the gateway between them.

import assert from 'node:assert/strict';
