// Wireshark's dissector finds the fields in what we send, and nothing malformed.
const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { execFileSync } = require('node:child_process');
const { written } = require('./codec_peer');

const ours = written();

/** The dissector's fields of named PDUs: Map of name → field → text. */
const dissected = (pdus) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'xionid-tshark-'));
  try {
    const dump = path.join(folder, 'pdus.txt');
    const capture = path.join(folder, 'pdus.pcap');
    // One packet for each PDU, as `od -Ax -tx1` would show it.
    const lines = [];
    for (const octets of pdus.values()) {
      for (let at = 0; at < octets.length; at += 16) {
        const row = [...octets.subarray(at, at + 16)].map((octet) => octet.toString(16).padStart(2, '0'));
        lines.push(`${at.toString(16).padStart(6, '0')} ${row.join(' ')}`);
      }
      lines.push('');
    }
    fs.writeFileSync(dump, lines.join('\n') + '\n');
    execFileSync('text2pcap', ['-q', '-T', '40000,2775', dump, capture], { stdio: 'pipe' });
    const fields = [
      'command_id', 'command_status', 'sequence_number', 'system_id', 'password', 'system_type', 'interface_version',
      'service_type', 'source_addr_ton', 'source_addr', 'dest_addr_ton', 'dest_addr_npi', 'destination_addr',
      'priority_flag', 'validity_period_r', 'regdel.receipt', 'data_coding', 'sm_length', 'message_id',
      'receipted_message_id', 'message_state', 'SC_interface_version', 'sar_msg_ref_num', 'sar_total_segments',
      'sar_segment_seqnum', 'user_message_reference', 'message_payload', 'opt_param_tag',
    ].map((field) => `smpp.${field}`).concat('_ws.malformed', '_ws.expert.message');
    const table = execFileSync(
      'tshark',
      ['-r', capture, '-d', 'tcp.port==2775,smpp', '-o', 'tcp.analyze_sequence_numbers:FALSE', '-T', 'fields',
       '-E', 'separator=|', ...fields.flatMap((field) => ['-e', field])],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const rows = table.replace(/\n$/, '').split('\n').map((row) => row.split('|'));
    assert.strictEqual(rows.length, pdus.size, 'one packet for each PDU');
    return new Map([...pdus.keys()].map((name, index) => [
      name,
      Object.fromEntries(fields.map((field, column) => [field.replace('smpp.', ''), rows[index][column]])),
    ]));
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
};

const seen = dissected(ours);
const check = (name, wanted) => {
  for (const [field, value] of Object.entries(wanted)) assert.strictEqual(seen.get(name)[field], value, `${name}: ${field}`);
};

test('nothing is malformed, and no expert has anything to say', () => {
  for (const [name, fields] of seen) {
    assert.strictEqual(fields['_ws.malformed'], '', name);
    assert.strictEqual(fields['_ws.expert.message'], '', name);
  }
});

test('the check above would see a message that promises more than it holds', () => {
  const octets = Buffer.from(ours.get('submit_sm'));
  octets[octets.length - '123456 is your code'.length - 1] = 200; // sm_length
  const [fields] = dissected(new Map([['broken', octets]])).values();
  assert.notStrictEqual(fields['_ws.malformed'] + fields['_ws.expert.message'], '');
});

test('every PDU is dissected as SMPP with its own sequence number', () => {
  [...seen.values()].forEach((fields, index) => assert.strictEqual(Number(fields.sequence_number), index + 1));
});

test('binds show their fields', () => {
  check('bind_transceiver', { system_id: 'acct', password: 'secret08', system_type: 'vma' });
  check('bind_long_password', { password: 'a password of 24 octets!' });
  check('bind_transceiver_resp', { system_id: 'smsc', SC_interface_version: '52' });
  assert.strictEqual(Number(seen.get('bind_resp_refused').command_status), 0x0e);
});

test('a submit_sm shows its fields', () => {
  check('submit_sm', { service_type: 'CMT', source_addr: 'XionID', destination_addr: '4915112345678', sm_length: '19' });
  assert.strictEqual(Number(seen.get('submit_sm').source_addr_ton), 5);
  assert.strictEqual(Number(seen.get('submit_sm').data_coding), 0);
  assert.strictEqual(Number(seen.get('submit_sm').priority_flag), 1);
  check('submit_sm_254', { sm_length: '254' });
  assert.match(seen.get('submit_sm_times').validity_period_r, /330/);
});

test('TLVs show their values', () => {
  for (const [field, value] of [['sar_msg_ref_num', 0x1234], ['sar_total_segments', 2], ['sar_segment_seqnum', 2]]) {
    assert.strictEqual(Number(seen.get('sar_2')[field]), value, field);
  }
  assert.notStrictEqual(seen.get('payload_1').message_payload, '');
  check('deliver_sm', { receipted_message_id: '12345' });
  assert.strictEqual(Number(seen.get('deliver_sm').message_state), 2);
  assert.match(seen.get('submit_sm_dlt').opt_param_tag, /1400/);
});

test('responses show their ids and statuses', () => {
  check('submit_sm_resp', { message_id: '6ba7b810-9dad-11d1-80b4-00c04fd430c8' });
  assert.strictEqual(Number(seen.get('submit_sm_resp_throttled').command_status), 0x58);
  assert.strictEqual(Number(seen.get('generic_nack').command_status), 3);
});
