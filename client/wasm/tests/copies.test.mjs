// The frozen copies of client/format, under WASM: the same values, and the same error for every mutation; and Node's own
// HKDF, AES-CTR and SHA-256 beside ours. Needs what fixtures.test.mjs needs.

import assert from 'node:assert/strict';
import { createHash, hkdfSync, webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const built = process.env.ACESO_WASM ?? here('../../js/src/wasm/node');
const aceso = await import(pathToFileURL(`${built}/aceso.js`));
const fixtures = JSON.parse(readFileSync(here('../../format/testdata/copies.json'), 'utf8'));

const bytes = (hex) => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = (array) => Buffer.from(array).toString('hex');
const sha256 = (...pieces) => {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest();
};

function assemble({ base, parts }) {
  const whole = bytes(fixtures.objects[base] ?? '');
  const pieces = parts.map((part) => (Array.isArray(part) ? whole.subarray(...part) : bytes(part)));
  return new Uint8Array(Buffer.concat(pieces));
}

const run = {
  mask(part, { contentKey, lease, record, offset }) {
    const key = aceso.maskKey(bytes(contentKey), bytes(lease), bytes(record));
    return { maskKey: hex(key), sha256: hex(sha256(aceso.maskApply(key, offset, part))) };
  },
  root: (stored) => ({ root: hex(aceso.proofRoot(stored)) }),
  stored(stored, { root }) {
    aceso.proofVerifyStored(bytes(root), stored);
    return {};
  },
  proof(leaf, { root, len, index, path }) {
    aceso.proofVerify(bytes(root), len, index, leaf, bytes(path));
    return {};
  },
  pack(start, { folder, packLen }) {
    const { records } = aceso.packTable(bytes(folder), start, packLen);
    return { records: records.map(({ record, ...rest }) => ({ record: hex(record), ...rest })) };
  },
};

for (const fixture of fixtures.cases) {
  test(`${fixture.name}: ${fixture.expect}`, () => {
    const part = assemble(fixture);
    if (fixture.expect === 'ok') {
      assert.deepEqual(run[fixture.op](part, fixture.args), fixture.value);
    } else {
      assert.throws(() => run[fixture.op](part, fixture.args), { name: fixture.expect });
    }
  });
}

const hkdf = (key, ...info) => new Uint8Array(hkdfSync('sha256', key, '', Buffer.concat(info.map((piece) => Buffer.from(piece))), 32));

test('Node derives, masks and hashes what we do', async () => {
  const { contentKey, lease, record } = fixtures.cases[0].args;
  const key = aceso.maskKey(bytes(contentKey), bytes(lease), bytes(record));
  const secret = hkdf(bytes(contentKey), 'aceso/replica/v1');
  assert.deepEqual(hkdf(secret, 'aceso/mask/v1', bytes(lease), bytes(record)), key);

  const aes = await webcrypto.subtle.importKey('raw', key, 'AES-CTR', false, ['decrypt']);
  const masked = bytes(fixtures.objects['masked content']);
  const unmask = async (offset) => {
    const counter = new Uint8Array(16);
    new DataView(counter.buffer).setBigUint64(8, BigInt(offset / 16));
    return new Uint8Array(await webcrypto.subtle.decrypt({ name: 'AES-CTR', counter, length: 128 }, aes, masked.subarray(offset)));
  };
  for (const offset of [0, 16, 4096]) {
    assert.equal(hex(await unmask(offset)), fixtures.objects.content.slice(2 * offset));
    assert.deepEqual(await unmask(offset), aceso.maskApply(key, offset, masked.subarray(offset)));
  }

  // RFC 9162 §2.1.1, recursively.
  const tree = (leaves) => {
    if (leaves.length === 1) return sha256('\x00', leaves[0]);
    const left = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
    return sha256('\x01', tree(leaves.slice(0, left)), tree(leaves.slice(left)));
  };
  const stored = bytes(fixtures.objects.stored);
  const leaves = Array.from({ length: Math.ceil(stored.length / 512) }, (_, i) => stored.subarray(512 * i, 512 * (i + 1)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(stored.length));
  assert.equal(hex(sha256('aceso/proof/v1', length, tree(leaves))), hex(aceso.proofRoot(stored)));
});

test('a copy made in pieces', () => {
  const [content, head] = [bytes(fixtures.objects.content), new Uint8Array(700).fill(7)];
  const { contentKey, lease, record } = fixtures.cases[0].args;
  const key = aceso.maskKey(bytes(contentKey), bytes(lease), bytes(record));
  const builder = new aceso.CopyBuilder();
  const pieces = [0, 1000, 2000].map((at, i, all) => builder.pushMasked(key, at, content.subarray(at, all[i + 1])));
  assert.equal(hex(Buffer.concat(pieces)), fixtures.objects['masked content']);
  builder.push(head);
  const stored = new Uint8Array(Buffer.concat([...pieces, head]));
  const { digest, len, cid, root } = builder.finish();
  const { digest: expected, cid: expectedCid } = aceso.addressOf(stored);
  assert.deepEqual([digest, len, cid], [expected, stored.length, expectedCid]);
  aceso.proofVerifyStored(root, stored);
  assert.throws(() => new aceso.CopyBuilder().finish(), { name: 'ProofShape' });
});

test('a record of a pack, and arguments of a wrong shape', () => {
  const pack = bytes(fixtures.objects.pack);
  const { folder, packLen } = fixtures.cases.find(({ name }) => name === 'pack').args;
  const tableLen = aceso.packTableLen(pack.subarray(0, 44));
  const { records } = aceso.packTable(bytes(folder), pack.subarray(0, tableLen), packLen);
  assert.equal(records.at(0).offset, tableLen);
  const { record, offset, contentLen, headLen } = records[0];
  const { contentKey, lease } = fixtures.cases[0].args;
  const key = aceso.maskKey(bytes(contentKey), bytes(lease), record);
  assert.equal(hex(aceso.maskApply(key, 0, pack.subarray(offset, offset + contentLen))), fixtures.objects.content);
  const head = pack.subarray(offset + contentLen, offset + contentLen + headLen);
  assert.equal(Buffer.from(head).toString(), 'head of a, longer');

  assert.throws(() => aceso.maskApply(key.subarray(1), 0, pack), { name: 'TypeError' });
  assert.throws(() => aceso.maskApply(key, -1, pack), { name: 'TypeError' });
  assert.throws(() => aceso.proofVerify(key, 512, 0, pack.subarray(0, 512), new Uint8Array(31)), { name: 'TypeError' });
});
