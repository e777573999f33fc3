//! A prefix of an S3 bucket.
//!
//! Source: [conditional writes](https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html).

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::primitives::ByteStream;

use super::content::Content;
use super::fault::Fault;
use super::memory::{Kept, ObjectPlace, Tag};
use super::spool::{PART, Room, Spooled};
use super::stored::Stored;
use crate::aws::client::{Failure, failure, given};

/// What reads an object.
const GET: &str = "s3:GetObject";

/// A prefix of a bucket.
#[derive(Debug, Clone)]
pub(super) struct BucketPrefix {
    client: Client,
    bucket: String,
    prefix: String,
}

impl BucketPrefix {
    pub(super) fn new(client: Client, bucket: String, prefix: String) -> Self {
        BucketPrefix {
            client,
            bucket,
            prefix,
        }
    }

    pub(super) async fn read(&self, key: &str) -> Result<Option<Kept>, Fault> {
        Ok(self.kept(key).await?.map(|(kept, _)| kept))
    }

    /// The text, with the version that it is. `None`: the bucket keeps no versions.
    pub(super) async fn text(&self, key: &str) -> Result<Option<(String, Option<String>)>, Fault> {
        let Some((kept, version)) = self.kept(key).await? else {
            return Ok(None);
        };
        Ok(Some((kept.text()?, version)))
    }

    async fn kept(&self, key: &str) -> Result<Option<(Kept, Option<String>)>, Fault> {
        let request = self.client.get_object().bucket(&self.bucket);
        let answer = match request.key(self.at(key)).send().await {
            Ok(answer) => answer,
            // Only a missing object is an empty ledger: a missing bucket is an error.
            Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
            Err(error) => return Err(failure(GET, error).into()),
        };
        // S3 calls what was written before versions were kept, or while they are not, by this word.
        let version = given(answer.version_id).filter(|it| it != "null");
        let tag = (answer.e_tag.map(Tag))
            .ok_or_else(|| Failure::malformed(GET, "the answer has no ETag"))?;
        let length = answer.content_length;
        let stored = received(answer.body, length.and_then(|it| usize::try_from(it).ok())).await?;
        Ok(Some((Kept { stored, tag }, version)))
    }

    pub(super) async fn write(
        &self,
        key: &str,
        content: &(impl Content + ?Sized),
        was: Option<&Tag>,
    ) -> Result<Tag, Fault> {
        self.put(key, content, Some(was)).await
    }

    pub(super) async fn replace(
        &self,
        key: &str,
        content: &(impl Content + ?Sized),
    ) -> Result<(), Fault> {
        self.put(key, content, None).await?;
        Ok(())
    }

    async fn put(
        &self,
        key: &str,
        content: &(impl Content + ?Sized),
        was: Option<Option<&Tag>>,
    ) -> Result<Tag, Fault> {
        const OPERATION: &str = "s3:PutObject";
        // A file that is sent must be there until it is.
        let spooled = Spooled::of(content)?;
        let mut request = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(self.at(key))
            .content_type(content_type(key))
            .set_checksum_sha256(spooled.checksum())
            .body(body(&spooled).await?);
        request = match was {
            None => request,
            Some(None) => request.if_none_match("*"),
            Some(Some(tag)) => request.if_match(&tag.0),
        };
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => {
                let conflict = match error.code() {
                    Some("PreconditionFailed" | "ConditionalRequestConflict") => true,
                    // Its text was deleted in between.
                    Some("NoSuchKey") => was.is_some(),
                    _ => false,
                };
                return Err(if conflict {
                    Fault::Conflict
                } else {
                    failure(OPERATION, error).into()
                });
            }
        };
        let tag = answer.e_tag.map(Tag);
        Ok(tag.ok_or_else(|| Failure::malformed(OPERATION, "the answer has no ETag"))?)
    }

    pub(super) async fn keys(&self, begin: &str) -> Result<Vec<String>, Fault> {
        const OPERATION: &str = "s3:ListBucket";
        let malformed = |message: &str| Failure::malformed(OPERATION, message);
        let mut keys = Vec::new();
        let pages = self
            .client
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(self.at(begin))
            .into_paginator();
        let mut pages = pages.send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failure(OPERATION, error))?;
            // The paginator would take it for the end.
            if page.is_truncated == Some(true) && given(page.next_continuation_token).is_none() {
                let message = "the list goes on, and the answer does not say where";
                return Err(malformed(message).into());
            }
            for object in page.contents.unwrap_or_default() {
                let key = given(object.key);
                let key = key.ok_or_else(|| malformed("the list has an object without a key"))?;
                keys.extend(key.strip_prefix(&self.prefix).map(str::to_owned));
            }
        }
        keys.retain(|key| key.ends_with(".json"));
        keys.sort();
        Ok(keys)
    }

    pub(super) fn object(&self, key: &str) -> Option<ObjectPlace> {
        // A bucket is reached by the endpoint of its own Region alone.
        let region = self.client.config().region()?;
        Some(ObjectPlace {
            region: region.to_string(),
            bucket: self.bucket.clone(),
            key: self.at(key),
        })
    }

    fn at(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }
}

/// A text as it comes in.
async fn received(mut body: ByteStream, length: Option<usize>) -> Result<Stored, Fault> {
    let malformed = |message: String| Failure::malformed(GET, message);
    let mut room = Room::of(length);
    while let Some(part) = body.next().await {
        let part = part.map_err(|error| malformed(format!("the object broke off: {error}")))?;
        room.take(&part)?;
    }
    let stored = room.stored();
    Ok(stored.map_err(|error| malformed(format!("it is no text: {error}")))?)
}

/// What is sent of a text.
async fn body(spooled: &Spooled) -> Result<ByteStream, Fault> {
    match spooled {
        Spooled::Text(text) => Ok(ByteStream::from(text.clone())),
        Spooled::File { file, .. } => {
            let file = ByteStream::read_from().path(file.path()).buffer_size(PART);
            let body = file.build().await;
            body.map_err(|error| Fault::Other(error.into()))
        }
    }
}

/// What a browser takes the text of a key for.
fn content_type(key: &str) -> &'static str {
    match key.ends_with(".html") {
        true => "text/html; charset=utf-8",
        false => "application/json",
    }
}
