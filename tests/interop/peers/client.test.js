// node-smpp as client of our simulator: binds, submits, gets its answer and its receipt, unbinds.
const test = require('node:test');
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const smpp = require('smpp');

const simulator = process.env.CODEC_PEER;

/** Starts the simulator; gives its port and an end to it. */
const start = async (...options) => {
  const child = spawn(simulator, ['serve', '--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0', '--receipt-delay-ms', '20', ...options]);
  let printed = '';
  const port = await new Promise((resolve, reject) => {
    child.stdout.on('data', (octets) => {
      printed += octets;
      const found = printed.match(/^listening \S*:(\d+)$/m);
      if (found) resolve(Number(found[1]));
    });
    child.on('exit', () => reject(new Error(`the simulator ended: ${printed}`)));
  });
  return { port, stop: () => child.kill() };
};

const connected = (port) => new Promise((resolve, reject) => {
  const session = smpp.connect({ url: `smpp://127.0.0.1:${port}` });
  session.on('connect', () => resolve(session));
  session.on('error', reject);
});

const asked = (session, command, fields) => new Promise((resolve) => { session[command](fields, resolve); });

const submit = { source_addr_ton: 5, source_addr: 'XionID', dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: '37499123056', registered_delivery: 1 };

test('node-smpp binds, submits, and gets a receipt with the id of the response', async () => {
  const peer = await start('--system-id', 'xion', '--password', 'secret');
  try {
    const session = await connected(peer.port);
    const bound = await asked(session, 'bind_transceiver', { system_id: 'xion', password: 'secret' });
    assert.strictEqual(bound.command_status, 0);
    const delivered = new Promise((resolve) => {
      session.on('deliver_sm', (pdu) => {
        session.send(pdu.response());
        resolve(pdu);
      });
    });
    const answer = await asked(session, 'submit_sm', { ...submit, short_message: '123456 is your code' });
    assert.strictEqual(answer.command_status, 0);
    assert.notStrictEqual(answer.message_id, '');
    const receipt = await delivered;
    assert.strictEqual(receipt.esm_class, 4);
    assert.strictEqual(receipt.receipted_message_id, answer.message_id);
    assert.strictEqual(receipt.message_state, 2);
    assert.match(receipt.short_message.message, new RegExp(`^id:${answer.message_id} .*stat:DELIVRD`));
    assert.strictEqual((await asked(session, 'enquire_link', {})).command_status, 0);
    assert.strictEqual((await asked(session, 'unbind', {})).command_status, 0);
  } finally {
    peer.stop();
  }
});

test('node-smpp is told its wrong password and a throttled submit', async () => {
  const peer = await start('--system-id', 'xion', '--password', 'secret', '--fault', 'throttle');
  try {
    const wrong = await connected(peer.port);
    assert.strictEqual((await asked(wrong, 'bind_transceiver', { system_id: 'xion', password: 'guess' })).command_status, 0x0e);
    const session = await connected(peer.port);
    await asked(session, 'bind_transmitter', { system_id: 'xion', password: 'secret' });
    assert.strictEqual((await asked(session, 'submit_sm', { ...submit, short_message: 'x' })).command_status, 0x58);
    session.close();
    wrong.close();
  } finally {
    peer.stop();
  }
});
