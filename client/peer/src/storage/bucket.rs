use std::{env, ops::Range, sync::Arc};

use aceso_format::BlobAddress;
use aceso_sdk::blob::Leaf;
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use object_store::{
    GetOptions, GetRange, MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload,
    aws::AmazonS3Builder, path::Path,
};

use zeroize::Zeroizing;

use super::{
    ByteStream, Draft, Listing, Storage, StorageError, bucket_http::Connector, check_range, hex,
    unhex,
};
use crate::config::S3;

/// Leaves in one part of an upload: 16 GiB in 2,048 of the 10,000 parts that S3 allows.
const PART_LEAVES: usize = 8;

/// Objects in S3-compatible storage, or in any other that `object_store` knows. An upload in parts is what a draft is there:
/// nothing of it can be seen until it is completed.
pub struct BucketStorage {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    name: String,
}

/// What opens a bucket. Without `Debug`, and wiped when dropped.
pub struct BucketKeys {
    pub id: String,
    pub secret: Zeroizing<String>,
    pub token: Option<Zeroizing<String>>,
}

impl BucketKeys {
    /// From the environment only: a file of settings gets copied, mailed and committed.
    pub fn from_environment(bucket: &str) -> Result<Self, StorageError> {
        let key = |variable: &str| {
            env::var(variable).map_err(|_| StorageError::Bucket {
                storage: format!("the bucket {bucket}"),
                action: "be opened",
                reason: format!("{variable} is not set in the environment"),
            })
        };
        Ok(Self {
            id: key("AWS_ACCESS_KEY_ID")?,
            secret: key("AWS_SECRET_ACCESS_KEY")?.into(),
            token: env::var("AWS_SESSION_TOKEN").ok().map(Zeroizing::new),
        })
    }
}

impl BucketStorage {
    pub fn connect(s3: &S3, keys: &BucketKeys) -> Result<Self, StorageError> {
        let name = format!("the bucket {}", s3.bucket);
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&s3.bucket)
            .with_region(&s3.region)
            .with_access_key_id(&keys.id)
            .with_secret_access_key(keys.secret.as_str())
            .with_http_connector(Connector);
        if let Some(token) = &keys.token {
            builder = builder.with_token(token.as_str());
        }
        if let Some(endpoint) = &s3.endpoint {
            let plain = endpoint.starts_with("http://");
            builder = builder.with_endpoint(endpoint).with_allow_http(plain);
        }
        let store = builder.build().map_err(|e| failed(&name, "be opened", &e))?;
        Ok(Self::on(Arc::new(store), &s3.prefix, name))
    }

    pub fn on(store: Arc<dyn ObjectStore>, prefix: &str, name: String) -> Self {
        Self { store, prefix: Path::from(prefix), name }
    }

    fn path(&self, digest: &[u8; 32]) -> Path {
        self.prefix.clone().join(hex(digest))
    }

    fn failed(&self, action: &'static str, error: &object_store::Error) -> StorageError {
        failed(&self.name, action, error)
    }
}

fn failed(storage: &str, action: &'static str, error: &object_store::Error) -> StorageError {
    // The innermost cause: the outer ones repeat URLs and hints about retries.
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let reason: String = cause.to_string().chars().filter(|c| !c.is_control()).take(300).collect();
    StorageError::Bucket { storage: storage.to_owned(), action, reason }
}

#[async_trait]
impl Storage for BucketStorage {
    fn describe(&self) -> String {
        self.name.clone()
    }

    async fn begin(&self, object: &BlobAddress) -> Result<Box<dyn Draft>, StorageError> {
        let path = self.path(&object.digest);
        let upload = self.store.put_multipart(&path).await;
        let upload = upload.map_err(|e| self.failed("begin an upload", &e))?;
        let (name, part) = (self.name.clone(), Vec::with_capacity(PART_LEAVES));
        Ok(Box::new(BucketDraft { upload: Some(upload), part, name }))
    }

    async fn read(
        &self,
        object: &BlobAddress,
        range: Range<u64>,
    ) -> Result<ByteStream, StorageError> {
        check_range(object, &range)?;
        let path = self.path(&object.digest);
        let missing =
            StorageError::NotFound { storage: self.name.clone(), object: hex(&object.digest) };
        let found = match self.store.head(&path).await {
            Ok(found) => found.size,
            Err(object_store::Error::NotFound { .. }) => return Err(missing),
            Err(e) => return Err(self.failed("read", &e)),
        };
        if found < range.end {
            let object = hex(&object.digest);
            return Err(StorageError::Short { storage: self.name.clone(), object });
        }
        if range.is_empty() {
            return Ok(futures_util::stream::empty().boxed());
        }
        let options = GetOptions { range: Some(GetRange::Bounded(range)), ..GetOptions::default() };
        let answer = self.store.get_opts(&path, options).await;
        let name = self.name.clone();
        let pieces = answer.map_err(|e| self.failed("read", &e))?.into_stream();
        Ok(pieces.map_err(move |e| failed(&name, "read", &e)).boxed())
    }

    async fn len(&self, object: &BlobAddress) -> Result<Option<u64>, StorageError> {
        match self.store.head(&self.path(&object.digest)).await {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(e) => Err(self.failed("look for an object", &e)),
        }
    }

    async fn delete(&self, object: &BlobAddress) -> Result<(), StorageError> {
        match self.store.delete(&self.path(&object.digest)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(e) => Err(self.failed("delete", &e)),
        }
    }

    async fn list(&self) -> Result<Listing, StorageError> {
        let mut found = self.store.list(Some(&self.prefix));
        let mut digests = Vec::new();
        while let Some(object) = found.try_next().await.map_err(|e| self.failed("list", &e))? {
            digests.extend(object.location.filename().and_then(unhex));
        }
        Ok(Listing::Ours(digests))
    }

    async fn free(&self) -> Result<Option<u64>, StorageError> {
        Ok(None)
    }
}

struct BucketDraft {
    upload: Option<Box<dyn MultipartUpload>>,
    part: Vec<Bytes>,
    name: String,
}

impl BucketDraft {
    async fn send(&mut self) -> Result<(), StorageError> {
        let part: PutPayload = std::mem::take(&mut self.part).into_iter().collect();
        let Some(upload) = &mut self.upload else {
            return Err(StorageError::Worker("a draft went on after a failed write".to_owned()));
        };
        upload.put_part(part).await.map_err(|e| failed(&self.name, "write", &e))
    }
}

#[async_trait]
impl Draft for BucketDraft {
    async fn write(&mut self, leaf: Leaf) -> Result<(), StorageError> {
        self.part.push(leaf.into_bytes());
        if self.part.len() < PART_LEAVES { Ok(()) } else { self.send().await }
    }

    async fn name(mut self: Box<Self>) -> Result<(), StorageError> {
        if !self.part.is_empty() {
            self.send().await?;
        }
        let Some(upload) = &mut self.upload else { return Ok(()) };
        let done = upload.complete().await;
        if done.is_ok() {
            self.upload = None;
        }
        done.map(drop).map_err(|e| failed(&self.name, "complete an upload", &e))
    }
}

impl Drop for BucketDraft {
    fn drop(&mut self) {
        // Its parts cost money until they are thrown away. Should this process die first, the bucket's own rule does it.
        if let Some(mut upload) = self.upload.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move { upload.abort().await });
        }
    }
}
