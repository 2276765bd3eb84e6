// node-smpp reads what we write, and we read what node-smpp writes, field by field.
const test = require('node:test');
const assert = require('node:assert');
const { PDU } = require('smpp');
const { written, read } = require('./codec_peer');

const ours = written();
const parsed = (name) => {
  assert.ok(ours.has(name), `no case ${name}`);
  return PDU.fromBuffer(ours.get(name));
};
const check = (name, wanted) => {
  const pdu = parsed(name);
  for (const [field, value] of Object.entries(wanted)) assert.deepStrictEqual(pdu[field], value, `${name}: ${field}`);
};
const message = {
  service_type: 'CMT', source_addr_ton: 5, source_addr_npi: 0, source_addr: 'XionID', dest_addr_ton: 1, dest_addr_npi: 1,
  destination_addr: '4915112345678', protocol_id: 0, priority_flag: 1, registered_delivery: 1,
  replace_if_present_flag: 0, sm_default_msg_id: 0,
};
const longText = 'a'.repeat(150) + '€' + 'b'.repeat(100);

test('node-smpp reads our three binds and their responses', () => {
  for (const command of ['bind_receiver', 'bind_transmitter', 'bind_transceiver']) {
    check(command, {
      command, command_status: 0, system_id: 'acct', password: 'secret08', system_type: 'vma', interface_version: 0x34,
      addr_ton: 1, addr_npi: 1, address_range: '^49',
    });
    check(`${command}_resp`, { command: `${command}_resp`, system_id: 'smsc', sc_interface_version: 0x34 });
  }
});

test('node-smpp reads a password of 24 octets', () => {
  check('bind_long_password', { system_id: 'acct', password: 'a password of 24 octets!', address_range: '' });
});

test('node-smpp reads a refused bind as a bare header', () => {
  check('bind_resp_refused', { command_length: 16, command_status: 0x0e });
});

test('node-smpp reads every field of our submit_sm', () => {
  check('submit_sm', { ...message, command: 'submit_sm', esm_class: 0, data_coding: 0 });
  assert.strictEqual(parsed('submit_sm').short_message.message, '123456 is your code');
});

test('node-smpp reads our times', () => {
  const pdu = parsed('submit_sm_times');
  assert.strictEqual(pdu.schedule_delivery_time.toISOString(), '2026-02-12T12:00:00.000Z');
  const left = pdu.validity_period - Date.now();
  assert.ok(Math.abs(left - 330_000) < 5_000, `validity_period is ${left} ms away`);
});

test('node-smpp reads a short_message of 254 octets', () => {
  assert.strictEqual(parsed('submit_sm_254').short_message.message, 'x'.repeat(254));
});

test('node-smpp reads TLVs that it knows and TLVs that it does not', () => {
  const pdu = parsed('submit_sm_dlt');
  assert.strictEqual(pdu.user_message_reference, 7);
  assert.strictEqual(pdu[0x1400].toString(), '1101234567890123456');
  assert.strictEqual(pdu[0x1401].toString(), '1107161234567890123');
});

test('node-smpp shows our GSM and UCS-2 texts', () => {
  assert.strictEqual(parsed('gsm_1').short_message.message, '@£$ [€] Ωß hello');
  assert.strictEqual(parsed('gsm_1').data_coding, 0);
  assert.strictEqual(parsed('ucs2_1').short_message.message, 'Код 123456 😀');
  assert.strictEqual(parsed('ucs2_1').data_coding, 8);
});

test('node-smpp joins the parts of a long text by header, by SAR and from message_payload', () => {
  const joined = (prefix) => parsed(`${prefix}_1`).short_message.message + parsed(`${prefix}_2`).short_message.message;
  assert.strictEqual(joined('udh8'), longText);
  assert.strictEqual(joined('udh16'), longText);
  assert.strictEqual(joined('sar'), longText);
  assert.deepStrictEqual([...parsed('udh8_2').short_message.udh[0]], [0x00, 0x03, 0x34, 2, 2]);
  assert.deepStrictEqual([...parsed('udh16_1').short_message.udh[0]], [0x08, 0x04, 0x12, 0x34, 2, 1]);
  check('sar_2', { sar_msg_ref_num: 0x1234, sar_total_segments: 2, sar_segment_seqnum: 2 });
  assert.strictEqual(parsed('payload_1').message_payload.message, longText);
});

test('node-smpp reads our receipts and answers', () => {
  check('deliver_sm', { esm_class: 4, receipted_message_id: '12345', message_state: 2, source_addr: '4915112345678' });
  assert.match(parsed('deliver_sm').short_message.message.toString(), /^id:12345 .* stat:DELIVRD err:000 text:hi$/);
  check('submit_sm_resp', { message_id: '6ba7b810-9dad-11d1-80b4-00c04fd430c8' });
  check('submit_sm_resp_throttled', { command_status: 0x58, command_length: 16 });
  check('deliver_sm_resp', { command_status: 0, message_id: '' });
  check('deliver_sm_resp_busy', { command_status: 0x14, command: 'deliver_sm_resp' });
});

test('node-smpp reads our life signs', () => {
  for (const command of ['enquire_link', 'enquire_link_resp', 'unbind', 'unbind_resp']) {
    check(command, { command, command_length: 16, command_status: 0 });
  }
  check('generic_nack', { command: 'generic_nack', command_status: 3 });
});

test('sequence numbers count from 1 in the order of the cases', () => {
  [...ours.keys()].forEach((name, index) => assert.strictEqual(parsed(name).sequence_number, index + 1));
});

const theirs = (command, options) => {
  const [seen] = read([new PDU(command, options).toBuffer()]);
  return seen;
};

test('we read every field of node-smpp’s submit_sm and deliver_sm', () => {
  const fields = {
    service_type: 'VMA', source_addr_ton: 1, source_addr_npi: 8, source_addr: '12345', dest_addr_ton: 2, dest_addr_npi: 9,
    destination_addr: '447700900123', esm_class: 0x43, protocol_id: 5, priority_flag: 3, registered_delivery: 0x11,
    replace_if_present_flag: 1, data_coding: 8, sm_default_msg_id: 9,
  };
  for (const command of ['submit_sm', 'deliver_sm']) {
    const seen = theirs(command, {
      ...fields, sequence_number: 0x7ffffffe, short_message: Buffer.from('0500030102010416', 'hex'),
      user_message_reference: 0x1234, message_payload: Buffer.from('abc'),
    });
    for (const [field, value] of Object.entries(fields)) assert.strictEqual(seen[field], value, `${command}: ${field}`);
    assert.strictEqual(seen.command, command);
    assert.strictEqual(seen.sequence_number, 0x7ffffffe);
    assert.strictEqual(seen.short_message, '0500030102010416');
    assert.deepStrictEqual(seen.tlvs, { user_message_reference: '1234', message_payload: '616263' });
    assert.strictEqual(seen.truncated, false);
  }
});

test('we read node-smpp’s times', () => {
  const seen = theirs('submit_sm', { validity_period: new Date('2026-02-12T12:05:30Z'), short_message: 'x' });
  assert.match(seen.validity_period, /^2602121205300/);
});

test('we read node-smpp’s texts', () => {
  // Left to itself it would call GSM 03.38 data_coding 1, which is ASCII.
  assert.strictEqual(theirs('deliver_sm', { data_coding: 0, short_message: 'STOP @ [€] Ω' }).text, 'STOP @ [€] Ω');
  assert.strictEqual(theirs('deliver_sm', { short_message: 'СТОП 😀' }).text, 'СТОП 😀');
  assert.strictEqual(theirs('deliver_sm', { short_message: 'ç' }).text, 'ç');
});

test('we read node-smpp’s binds and responses', () => {
  const seen = theirs('bind_transmitter', { system_id: 'a', password: 'b', system_type: 'c', addr_ton: 1, addr_npi: 2, address_range: 'd' });
  assert.deepStrictEqual(seen, {
    command: 'bind_transmitter', command_status: 0, sequence_number: 0, truncated: false, system_id: 'a', password: 'b',
    system_type: 'c', interface_version: 0x50, addr_ton: 1, addr_npi: 2, address_range: 'd',
  });
  assert.strictEqual(theirs('submit_sm_resp', { message_id: 'xyz' }).message_id, 'xyz');
  assert.strictEqual(theirs('submit_sm_resp', { command_status: 0x55f }).command_status, 0x55f);
  assert.strictEqual(theirs('bind_transceiver_resp', { system_id: 's', sc_interface_version: 0x50 }).tlvs.sc_interface_version, '50');
});

test('commands of node-smpp that we do not decode are values with their octets', () => {
  const buffer = new PDU('query_sm', { message_id: '7', source_addr: '1' }).toBuffer();
  const [seen] = read([buffer]);
  assert.strictEqual(seen.command, 'query_sm');
  assert.strictEqual(seen.body, buffer.subarray(16).toString('hex'));
});
