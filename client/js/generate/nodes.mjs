// What codama should know beyond Anchor's IDL: events, and where accounts lie.
import {
  accountValueNode,
  argumentValueNode,
  bytesTypeNode,
  constantPdaSeedNodeFromString,
  definedTypeLinkNode,
  definedTypeNode,
  fixedSizeTypeNode,
  numberTypeNode,
  pdaLinkNode,
  pdaNode,
  pdaSeedValueNode,
  pdaValueNode,
  publicKeyTypeNode,
  variablePdaSeedNode,
} from "codama";

/**
 * Seeds behind the account's name, as in the `#[account(seeds)]` of the instruction that makes it; an id is 16 bytes.
 * Kind and number of a lease are one byte each: to an address it is all the same whether that is one seed or two.
 */
const SEEDS = {
  config: [],
  profile: ["creator", "id"],
  delegate: ["owner", "profile"],
  folder: ["owner", "id"],
  record: ["owner", "id"],
  grant: ["scope", "reader"],
  request: ["owner", "requester", "id"],
  beacon: [],
  peer: ["profile"],
  vault: ["peer"],
  ledger: ["peer"],
  lease: ["scope", "peer", "kind", "number"],
};

const SEED_TYPES = {
  id: () => fixedSizeTypeNode(bytesTypeNode(), 16),
  kind: () => definedTypeLinkNode("leaseKind"),
  number: () => numberTypeNode("u8"),
};

/** Where an instruction's account is derived from: seed to account or argument. All others are named by the caller. */
const DEFAULTS = {
  profileCreate: { profile: { creator: "authority", id: "#id" } },
  delegateAdd: { delegate: { owner: "owner", profile: "profile" } },
  folderCreate: { folder: { owner: "owner", id: "#id" } },
  recordCreate: { record: { owner: "owner", id: "#id" } },
  grantCreate: { grant: { scope: "#scope", reader: "reader" } },
  requestApprove: { grant: { scope: "#scope", reader: "requester" } },
  requestCreate: { request: { owner: "owner", requester: "requester", id: "#id" } },
  peerRegister: { peer: { profile: "profile" } },
};

/** Accounts of which there is one, or one for what another account of the same instruction is. */
const EVERYWHERE = {
  config: {},
  beacon: {},
  vault: { peer: "peer" },
  ledger: { peer: "peer" },
};

/** Anchor 1.2.2 leaves out where these two accounts of every event-emitting instruction come from (xtask adds them too). */
export function eventAccountsComplete(idl) {
  for (const instruction of idl.instructions) {
    for (const account of instruction.accounts) {
      if (account.name === "event_authority")
        account.pda = { seeds: [{ kind: "const", value: [...Buffer.from("__event_authority")] }] };
      if (account.name === "program") account.address = idl.address;
    }
  }
}

/** codama's renderer does not render events: they become types, behind their discriminator. */
export function eventsAsTypes(root) {
  const events = (root.program.events ?? []).map((event) =>
    definedTypeNode({
      name: `${event.name}Event`,
      type: event.data.kind === "hiddenPrefixTypeNode" ? event.data.type : event.data,
    }),
  );
  return withProgram(root, { definedTypes: [...(root.program.definedTypes ?? []), ...events] });
}

/** Puts the struct itself in place of the link to it, so that codama can lay its fields out as the instruction's inputs. */
export function argumentsUnlink(root) {
  const types = new Map(root.program.definedTypes.map(({ name, type }) => [name, type]));
  const instructions = root.program.instructions.map((instruction) => ({
    ...instruction,
    arguments: instruction.arguments.map((argument) =>
      argument.name === "args" && argument.type.kind === "definedTypeLinkNode"
        ? { ...argument, type: types.get(argument.type.name) }
        : argument,
    ),
  }));
  // Nothing refers to this one any more, and codama calls the input of an account's encoder the same.
  const definedTypes = root.program.definedTypes.filter(({ name }) => name !== "peerArgs");
  return withProgram(root, { instructions, definedTypes });
}

/** All addresses, also of accounts whose seeds contain an argument: those Anchor's IDL does not express. */
export function pdasComplete(root) {
  const own = Object.entries(SEEDS).map(([name, seeds]) =>
    pdaNode({
      name,
      seeds: [
        constantPdaSeedNodeFromString("utf8", name),
        ...seeds.map((seed) => variablePdaSeedNode(seed, (SEED_TYPES[seed] ?? publicKeyTypeNode)())),
      ],
    }),
  );
  const others = (root.program.pdas ?? []).filter(({ name }) => !(name in SEEDS));
  const instructions = root.program.instructions.map((instruction) => {
    const has = (account) => instruction.accounts.some(({ name }) => name === account);
    const anywhere = Object.entries(EVERYWHERE).filter(([, seeds]) => Object.values(seeds).every(has));
    const places = { ...Object.fromEntries(anywhere), ...DEFAULTS[instruction.name] };
    const accounts = instruction.accounts.map((account) => {
      // codama would take SPL Token for it, where a peer's mint may as well be one of Token-2022.
      if (account.name === "tokenProgram") return { ...account, defaultValue: undefined };
      const place = places[account.name];
      if (!place) return account;
      const seeds = Object.entries(place).map(([seed, from]) =>
        pdaSeedValueNode(seed, from.startsWith("#") ? argumentValueNode(from.slice(1)) : accountValueNode(from)),
      );
      return { ...account, defaultValue: pdaValueNode(pdaLinkNode(account.name), seeds) };
    });
    return { ...instruction, accounts };
  });
  return withProgram(root, { pdas: [...own, ...others], instructions });
}

function withProgram(root, change) {
  return { ...root, program: { ...root.program, ...change } };
}
