//! One or two nodes, and the accounts that they tell.

use anchor_lang::prelude::Pubkey;

use super::{
    ChainError, Cluster, Config, Delegate, Fetched, Folder, Grant, Hash, Kind, Profile, Record,
    Request, Rpc, RpcSettings, SendOptions,
    account::{RawAccount, decode, difference},
    address,
};

/// A chain, through one node or two.
#[derive(Clone)]
pub struct Chain {
    pub rpc: Rpc,
    /// Asked as well where a lie would cost most.
    pub verify_rpc: Option<Rpc>,
    pub options: SendOptions,
    genesis: Hash,
}

/// How often two nodes are asked again before they are said to disagree: one may only be a slot behind.
const AGREE_TRIES: u32 = 4;
const AGREE_PAUSE: std::time::Duration = std::time::Duration::from_millis(500);

impl Chain {
    /// Meets the node, or both: they must serve the cluster that was asked for, and the same one.
    pub async fn connect(
        cluster: &Cluster,
        verify: Option<&Cluster>,
        settings: RpcSettings,
    ) -> Result<Self, ChainError> {
        let rpc = Rpc::new(cluster, settings)?;
        let genesis = rpc.genesis().await?;
        let verify_rpc = match verify {
            None => None,
            Some(verify) => {
                let verify = Rpc::new(verify, settings)?;
                if verify.url() == rpc.url() {
                    return Err(ChainError::SameNode { url: verify.url().to_owned() });
                }
                let found = verify.genesis().await?;
                if found != genesis {
                    let (url, asked) = (verify.url().to_owned(), rpc.url().to_owned());
                    return Err(ChainError::OtherCluster { url, asked, found: found.to_string() });
                }
                Some(verify)
            }
        };
        Ok(Self { rpc, verify_rpc, options: SendOptions::default(), genesis })
    }

    /// The chain's first block: what tells this chain from others.
    pub fn genesis(&self) -> Hash {
        self.genesis
    }

    /// An account that has to be there.
    pub async fn fetch<T: Kind>(&self, at: &Pubkey) -> Result<Fetched<T>, ChainError> {
        self.find(at).await?.ok_or(ChainError::AccountMissing { kind: T::NAME, address: *at })
    }

    /// An account, or nothing where there is none.
    pub async fn find<T: Kind>(&self, at: &Pubkey) -> Result<Option<Fetched<T>>, ChainError> {
        let raw = self.rpc.account(at).await?;
        raw.as_ref().filter(|raw| is_taken(raw)).map(|raw| decode(*at, raw)).transpose()
    }

    /// Accounts of one kind in the order asked for.
    pub async fn find_many<T: Kind>(
        &self,
        at: &[Pubkey],
    ) -> Result<Vec<Option<Fetched<T>>>, ChainError> {
        let raw = self.rpc.accounts(at).await?;
        at.iter()
            .zip(&raw)
            .map(|(at, raw)| {
                raw.as_ref().filter(|raw| is_taken(raw)).map(|raw| decode(*at, raw)).transpose()
            })
            .collect()
    }

    /// Accounts of one kind with these values in these fields, by address.
    pub async fn list<T: Kind>(
        &self,
        fields: &[(&'static str, &[u8])],
    ) -> Result<Vec<Fetched<T>>, ChainError> {
        let mut filters: Vec<(usize, &[u8])> = vec![(0, T::DISCRIMINATOR)];
        for (field, value) in fields {
            filters.push((T::offset(field)?, value));
        }
        let raw = self.rpc.program_accounts(&address::PROGRAM, &filters).await?;
        let mut found = Vec::with_capacity(raw.len());
        for (at, raw) in &raw {
            // A node that filters badly shows what was not asked for.
            if filters
                .iter()
                .all(|(offset, value)| raw.data.get(*offset..offset + value.len()) == Some(*value))
            {
                found.push(decode(*at, raw)?);
            } else {
                return Err(self.rpc.nonsense(format!("{at} was not asked for")));
            }
        }
        found.sort_by_key(|account: &Fetched<T>| account.address);
        found.dedup_by_key(|account| account.address);
        Ok(found)
    }

    /// As [`Chain::fetch`], and both nodes must say the same; without a second node, the first one's word.
    pub async fn account_confirmed<T: Kind>(&self, at: &Pubkey) -> Result<Fetched<T>, ChainError> {
        let differ = |one: &RawAccount, other: &RawAccount| difference::<T>(one, other);
        let found = self.agreed(&[*at], T::NAME, differ).await?.pop().flatten();
        let missing = ChainError::AccountMissing { kind: T::NAME, address: *at };
        decode(*at, found.as_ref().filter(|raw| is_taken(raw)).ok_or(missing)?)
    }

    /// Accounts of any kind in the order asked for, as both nodes say; without a second node, the first one's word.
    pub async fn accounts_confirmed(
        &self,
        at: &[Pubkey],
    ) -> Result<Vec<Option<RawAccount>>, ChainError> {
        let differ = |one: &RawAccount, other: &RawAccount| {
            (one.owner != other.owner || one.data != other.data).then_some("data")
        };
        let found = self.agreed(at, "account", differ).await?;
        Ok(found.into_iter().map(|raw| raw.filter(is_taken)).collect())
    }

    async fn agreed(
        &self,
        at: &[Pubkey],
        kind: &'static str,
        differ: impl Fn(&RawAccount, &RawAccount) -> Option<&'static str>,
    ) -> Result<Vec<Option<RawAccount>>, ChainError> {
        let Some(verify) = &self.verify_rpc else { return self.rpc.accounts(at).await };
        let differ = |one: &Option<RawAccount>, other: &Option<RawAccount>| match (
            one.as_ref().filter(|raw| is_taken(raw)),
            other.as_ref().filter(|raw| is_taken(raw)),
        ) {
            (Some(one), Some(other)) => differ(one, other),
            (None, None) => None,
            _ => Some("whether it exists"),
        };
        let mut tries = 0;
        loop {
            // Neither may be older than what the other has seen.
            let slot = self.rpc.seen_slot().max(verify.seen_slot());
            self.rpc.saw_slot(slot);
            verify.saw_slot(slot);
            let (one, other) =
                futures_util::future::try_join(self.rpc.accounts(at), verify.accounts(at)).await?;
            let compared = at.iter().zip(one.iter().zip(&other));
            let mut differing =
                compared.filter_map(|(at, (one, other))| Some((*at, differ(one, other)?)));
            let Some((address, field)) = differing.next() else { return Ok(one) };
            tries += 1;
            if tries == AGREE_TRIES {
                return Err(ChainError::NodesDisagree {
                    url: self.rpc.url().to_owned(),
                    verify_url: verify.url().to_owned(),
                    kind,
                    address,
                    field: field.to_owned(),
                });
            }
            tokio::time::sleep(AGREE_PAUSE).await;
        }
    }

    /// The program's settings.
    pub async fn config(&self) -> Result<Fetched<Config>, ChainError> {
        self.find(&address::config())
            .await?
            .ok_or(ChainError::ProgramMissing { program: address::PROGRAM })
    }

    pub async fn profiles_by_authority(
        &self,
        wallet: &Pubkey,
    ) -> Result<Vec<Fetched<Profile>>, ChainError> {
        self.list(&[("authority", wallet.as_ref())]).await
    }

    /// Those who act for `owner`.
    pub async fn delegates_by_owner(
        &self,
        owner: &Pubkey,
    ) -> Result<Vec<Fetched<Delegate>>, ChainError> {
        self.list(&[("owner", owner.as_ref())]).await
    }

    /// Those for whom `profile` acts.
    pub async fn delegates_by_profile(
        &self,
        profile: &Pubkey,
    ) -> Result<Vec<Fetched<Delegate>>, ChainError> {
        self.list(&[("profile", profile.as_ref())]).await
    }

    pub async fn folders_by_owner(
        &self,
        owner: &Pubkey,
    ) -> Result<Vec<Fetched<Folder>>, ChainError> {
        self.list(&[("owner", owner.as_ref())]).await
    }

    pub async fn records_by_owner(
        &self,
        owner: &Pubkey,
    ) -> Result<Vec<Fetched<Record>>, ChainError> {
        self.list(&[("owner", owner.as_ref())]).await
    }

    pub async fn records_by_folder(
        &self,
        folder: &Pubkey,
    ) -> Result<Vec<Fetched<Record>>, ChainError> {
        self.list(&[("folder", folder.as_ref())]).await
    }

    pub async fn records_by_author(
        &self,
        author: &Pubkey,
    ) -> Result<Vec<Fetched<Record>>, ChainError> {
        self.list(&[("author", author.as_ref())]).await
    }

    pub async fn grants_by_reader(
        &self,
        reader: &Pubkey,
    ) -> Result<Vec<Fetched<Grant>>, ChainError> {
        self.grants(&[("reader", reader.as_ref())]).await
    }

    pub async fn grants_by_scope(&self, scope: &Pubkey) -> Result<Vec<Fetched<Grant>>, ChainError> {
        self.grants(&[("scope", scope.as_ref())]).await
    }

    /// As [`Chain::grants_by_scope`], and the second node must have each of them too. (One that the first leaves out is
    /// missed by their number, which the account of the scope has.)
    pub async fn grants_by_scope_confirmed(
        &self,
        scope: &Pubkey,
    ) -> Result<Vec<Fetched<Grant>>, ChainError> {
        let grants = self.grants_by_scope(scope).await?;
        if self.verify_rpc.is_none() {
            return Ok(grants);
        }
        let at: Vec<Pubkey> = grants.iter().map(|grant| grant.address).collect();
        let found = self.accounts_confirmed(&at).await?;
        let grants = at.iter().zip(&found).filter_map(|(at, raw)| Some(decode(*at, raw.as_ref()?)));
        grants.collect()
    }

    pub async fn grants_by_owner(&self, owner: &Pubkey) -> Result<Vec<Fetched<Grant>>, ChainError> {
        self.grants(&[("owner", owner.as_ref())]).await
    }

    /// The program makes a grant at the address of its scope and reader only; anything else is invented.
    async fn grants(
        &self,
        fields: &[(&'static str, &[u8])],
    ) -> Result<Vec<Fetched<Grant>>, ChainError> {
        let grants: Vec<Fetched<Grant>> = self.list(fields).await?;
        match grants
            .iter()
            .find(|grant| grant.address != address::grant(&grant.scope, &grant.reader))
        {
            Some(grant) => {
                let reason = format!("{} is no address of such a grant", grant.address);
                Err(self.rpc.nonsense(reason))
            }
            None => Ok(grants),
        }
    }

    pub async fn requests_by_owner(
        &self,
        owner: &Pubkey,
    ) -> Result<Vec<Fetched<Request>>, ChainError> {
        self.list(&[("owner", owner.as_ref())]).await
    }

    pub async fn requests_by_requester(
        &self,
        requester: &Pubkey,
    ) -> Result<Vec<Fetched<Request>>, ChainError> {
        self.list(&[("requester", requester.as_ref())]).await
    }
}

/// A closed account may show for a while as an empty one of the system program, as does a wallet sent to by a stranger.
fn is_taken(raw: &RawAccount) -> bool {
    !(raw.data.is_empty() && raw.owner == anchor_lang::solana_program::system_program::ID)
}
