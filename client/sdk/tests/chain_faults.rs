//! Nodes that are down, slow, behind or lying: each fault has its name, and a transaction's fate is known.

mod support;

use std::time::{Duration, Instant};

use aceso_sdk::chain::{
    AcesoError, Chain, ChainError, Cluster, Fate, Instruction, Lifetime, Profile, Transaction,
    instruction,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use support::{
    localnet::Localnet,
    people::{Person, blob, connect, impatient, set_up},
    proxy::{Fault, Proxy},
};

/// A chain with a patient, seen through a node that will misbehave.
async fn through_proxy(net: &Localnet) -> (Chain, Chain, Proxy, Person) {
    let honest = connect(&net.rpc_url).await;
    set_up(&honest).await;
    let patient = Person::new(&honest).await;
    let proxy = Proxy::start(&net.rpc_url).await;
    let mut chain =
        Chain::connect(&Cluster::Url(proxy.url.clone()), None, impatient()).await.unwrap();
    chain.options.patience = Duration::from_secs(3);
    (honest, chain, proxy, patient)
}

/// Something that takes effect each time it is done: nothing in it names a state.
fn propose(profile: &aceso_sdk::chain::Fetched<Profile>) -> Vec<Instruction> {
    let mut candidate = [0; 32];
    getrandom::fill(&mut candidate).unwrap();
    vec![instruction::profile::authority_propose(profile, Some(candidate.into()))]
}

#[tokio::test]
async fn passing_faults_are_waited_out_and_lasting_ones_are_named() {
    let Some(net) = Localnet::start().await else { return };
    let (_, chain, proxy, patient) = through_proxy(&net).await;
    let fetch = || chain.fetch::<Profile>(&patient.profile);
    proxy.times("getMultipleAccounts", 1, Fault::Status(429, None));
    proxy.times("getMultipleAccounts", 1, Fault::Status(503, None));
    proxy.times("getMultipleAccounts", 1, Fault::Lost);
    proxy.times("getMultipleAccounts", 1, Fault::Refused(-32005, "Node is behind by 42 slots"));
    fetch().await.unwrap();

    proxy.heal();
    proxy.times("getMultipleAccounts", 1, Fault::Status(429, Some(2)));
    let begin = Instant::now();
    fetch().await.unwrap();
    assert!(begin.elapsed() >= Duration::from_secs(2), "the node asked for two seconds");

    for (fault, name) in [
        (Fault::Status(429, None), "rate limit"),
        (Fault::Status(503, None), "503"),
        (Fault::Lost, "cannot be reached"),
        (Fault::Late(Duration::from_secs(30)), "timeout"),
    ] {
        proxy.heal();
        proxy.always("*", fault);
        let begin = Instant::now();
        let error = fetch().await.unwrap_err();
        assert!(begin.elapsed() < Duration::from_secs(8), "{name}: {:?}", begin.elapsed());
        assert!(error.to_string().contains(name), "{name}: {error}");
        assert!(error.is_transient());
    }
    proxy.heal();
    proxy.always("*", Fault::Refused(-32602, "Invalid params"));
    assert!(matches!(fetch().await, Err(ChainError::RpcRefused { code: -32602, .. })));
    proxy.heal();
    proxy.always(
        "getMultipleAccounts",
        Fault::Answer(json!({ "context": { "slot": u32::MAX }, "value": [7] })),
    );
    assert!(matches!(fetch().await, Err(ChainError::RpcNonsense { .. })));

    let nobody =
        Chain::connect(&Cluster::Url("http://127.0.0.1:1".to_owned()), None, impatient()).await;
    assert!(matches!(nobody.err(), Some(ChainError::RpcDown { .. })));
}

#[tokio::test]
async fn an_answer_older_than_one_seen_is_refused() {
    let Some(net) = Localnet::start().await else { return };
    let (_, chain, proxy, patient) = through_proxy(&net).await;
    let fetch = || chain.fetch::<Profile>(&patient.profile);
    fetch().await.unwrap();
    proxy.times("getMultipleAccounts", 2, Fault::Stale(1000));
    fetch().await.unwrap();
    proxy.always("getMultipleAccounts", Fault::Stale(1000));
    let error = fetch().await.unwrap_err();
    assert!(matches!(error, ChainError::RpcLagging { found, seen, .. } if found < seen), "{error}");
}

#[tokio::test]
async fn a_lost_answer_is_not_a_lost_transaction() {
    let Some(net) = Localnet::start().await else { return };
    let (honest, chain, proxy, patient) = through_proxy(&net).await;
    let profile = patient.profile(&honest).await;
    proxy.always("sendTransaction", Fault::AnswerLost);
    let mut noted: Vec<Lifetime> = Vec::new();
    let instructions = propose(&profile);
    let transaction = Transaction::new(instructions, &patient.wallet, &[]);
    let mut note = |signed: &aceso_sdk::chain::Signed| {
        noted.push(signed.lifetime);
        Ok(())
    };
    let sent = chain.send_noted(&transaction, &mut note).await.unwrap();
    assert_eq!(noted.len(), 1);
    assert_eq!(noted[0].signature, sent.signature);
    let done = honest.settle(&noted[0]).await.unwrap();
    assert_eq!(done, Fate::Confirmed { slot: sent.slot });

    // What cannot be written down first is not sent.
    let before = proxy.calls("sendTransaction");
    let transaction = Transaction::new(propose(&profile), &patient.wallet, &[]);
    let mut refuse =
        |_: &aceso_sdk::chain::Signed| Err(ChainError::Journal("disk full".to_owned()));
    let error = chain.send_noted(&transaction, &mut refuse).await.unwrap_err();
    assert!(matches!(error, ChainError::Journal(_)));
    assert_eq!(proxy.calls("sendTransaction"), before);
}

#[tokio::test]
async fn an_expired_transaction_is_signed_anew() {
    let Some(net) = Localnet::start().await else { return };
    let (honest, chain, proxy, patient) = through_proxy(&net).await;
    let profile = patient.profile(&honest).await;
    // The node takes it and does nothing with it, until its blockhash is over.
    proxy.times("sendTransaction", 2, Fault::Answer(json!("taken")));
    proxy.times(
        "getEpochInfo",
        1,
        Fault::rewrite(|_, epoch: &mut Value| epoch["blockHeight"] = json!(u32::MAX)),
    );
    let mut signatures = Vec::new();
    let transaction = Transaction::new(propose(&profile), &patient.wallet, &[]);
    let mut note = |signed: &aceso_sdk::chain::Signed| {
        signatures.push(signed.lifetime.signature);
        Ok(())
    };
    let sent = chain.send_noted(&transaction, &mut note).await.unwrap();
    assert_eq!(signatures.len(), 2);
    assert_eq!(signatures[1], sent.signature);
    let first = Lifetime { signature: signatures[0], last_valid_block_height: 0 };
    assert_eq!(honest.settle(&first).await.unwrap(), Fate::Expired);
}

#[tokio::test]
async fn the_last_resort_names_the_signature() {
    let Some(net) = Localnet::start().await else { return };
    let (honest, chain, proxy, patient) = through_proxy(&net).await;
    let profile = patient.profile(&honest).await;
    let transaction = Transaction::new(propose(&profile), &patient.wallet, &[]);
    // The node does it and is never heard of again.
    proxy.always("sendTransaction", Fault::AnswerLost);
    proxy.always("getSignatureStatuses", Fault::Lost);
    proxy.always("getEpochInfo", Fault::Lost);
    let error = chain.send(&transaction).await.unwrap_err();
    let ChainError::FateUnknown { signature, last_valid_block_height, .. } = error else {
        panic!("{error}")
    };
    proxy.heal();
    let fate = chain.settle(&Lifetime { signature, last_valid_block_height }).await.unwrap();
    assert!(matches!(fate, Fate::Confirmed { .. }), "{fate:?}");

    // A second node knows.
    let mut both = Chain::connect(
        &Cluster::Url(proxy.url.clone()),
        Some(&Cluster::Url(net.rpc_url.clone())),
        impatient(),
    )
    .await
    .unwrap();
    both.options.patience = Duration::from_secs(20);
    proxy.always("sendTransaction", Fault::AnswerLost);
    proxy.always("getSignatureStatuses", Fault::Lost);
    let transaction = Transaction::new(propose(&profile), &patient.wallet, &[]);
    both.send(&transaction).await.unwrap();
}

#[tokio::test]
async fn a_failure_in_a_block_is_told_in_the_programs_words() {
    let Some(net) = Localnet::start().await else { return };
    let (honest, chain, proxy, patient) = through_proxy(&net).await;
    let profile = patient.profile(&honest).await;
    let rotate = |number| instruction::profile::keys_rotate(&profile, blob(number));
    let transaction = Transaction::new(vec![rotate(1), rotate(2)], &patient.wallet, &[]);
    proxy.always(
        "simulateTransaction",
        Fault::rewrite(|_, result| {
            result["value"]["err"] = Value::Null;
            result["value"]["unitsConsumed"] = json!(100_000);
        }),
    );
    let error = chain.send(&transaction).await.unwrap_err();
    assert!(matches!(error, ChainError::Program(AcesoError::KeysChanged)), "{error}");
    assert_eq!(patient.profile(&honest).await.key_version, 1);
}

#[tokio::test]
async fn two_nodes_that_disagree_are_named_with_the_field() {
    let Some(net) = Localnet::start().await else { return };
    let (honest, _, proxy, patient) = through_proxy(&net).await;
    let both = Chain::connect(
        &Cluster::Url(proxy.url.clone()),
        Some(&Cluster::Url(net.rpc_url.clone())),
        impatient(),
    )
    .await
    .unwrap();
    let confirmed = both.account_confirmed::<Profile>(&patient.profile).await.unwrap();
    assert_eq!(confirmed.account, patient.profile(&honest).await.account);
    let at = 8 + std::mem::offset_of!(Profile, bundle_digest);
    proxy.always(
        "getMultipleAccounts",
        Fault::rewrite(move |_, result| {
            let data = &mut result["value"][0]["data"][0];
            let mut bytes = BASE64_STANDARD.decode(data.as_str().unwrap()).unwrap();
            bytes[at] ^= 1;
            *data = BASE64_STANDARD.encode(bytes).into();
        }),
    );
    let error = both.account_confirmed::<Profile>(&patient.profile).await.unwrap_err();
    assert!(
        matches!(&error, ChainError::NodesDisagree { address, field, .. }
        if *address == patient.profile && field == "bundle_digest"),
        "{error}"
    );
    proxy.heal();
    proxy.always(
        "getMultipleAccounts",
        Fault::rewrite(|_, result| result["value"][0] = Value::Null),
    );
    let error = both.account_confirmed::<Profile>(&patient.profile).await.unwrap_err();
    assert!(matches!(error, ChainError::NodesDisagree { .. }), "{error}");

    // Nodes of two chains are not two witnesses, and mainnet is never meant silently.
    proxy.heal();
    let cluster = Cluster::Url(proxy.url.clone());
    let other = Some(Cluster::Url(net.rpc_url.clone()));
    for (genesis, mainnet) in [
        ("4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY", false),
        ("5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d", true),
    ] {
        proxy.heal();
        proxy.always("getGenesisHash", Fault::Answer(json!(genesis)));
        match Chain::connect(&cluster, other.as_ref(), impatient()).await.err() {
            Some(ChainError::MainnetUnasked { .. }) if mainnet => {}
            Some(ChainError::OtherCluster { .. }) if !mainnet => {}
            other => panic!("{other:?}"),
        }
    }
}
