//! A prefix of an S3 bucket.
//!
//! Source: [conditional writes](https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html).

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::primitives::ByteStream;

use super::fault::Fault;
use super::memory::{Kept, ObjectPlace, Tag};
use crate::aws::client::{Failure, failure, given};

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
        Ok(self.text(key).await?.map(|(kept, _)| kept))
    }

    /// The same, with the version that it is. `None`: the bucket keeps no versions.
    pub(super) async fn text(&self, key: &str) -> Result<Option<(Kept, Option<String>)>, Fault> {
        const OPERATION: &str = "s3:GetObject";
        let request = self.client.get_object().bucket(&self.bucket);
        let answer = match request.key(self.at(key)).send().await {
            Ok(answer) => answer,
            // Only a missing object is an empty ledger: a missing bucket is an error.
            Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
            Err(error) => return Err(failure(OPERATION, error).into()),
        };
        let malformed = |message: String| Failure::malformed(OPERATION, message);
        // S3 calls what was written before versions were kept, or while they are not, by this word.
        let version = given(answer.version_id).filter(|it| it != "null");
        let tag = (answer.e_tag.map(Tag))
            .ok_or_else(|| malformed("the answer has no ETag".to_owned()))?;
        // One part after the other: collected first, a large object would be in memory twice. So it would be in a text that
        // has to grow. A length that is no more than claimed takes no memory until it is filled.
        let (mut body, mut text) = (answer.body, Vec::new());
        let length = answer
            .content_length
            .and_then(|it| usize::try_from(it).ok());
        let _ = text.try_reserve_exact(length.unwrap_or(0));
        while let Some(part) = body.next().await {
            let part = part.map_err(|error| malformed(format!("the object broke off: {error}")))?;
            text.extend_from_slice(&part);
        }
        let text = String::from_utf8(text)
            .map_err(|error| malformed(format!("it is no text: {error}")))?;
        Ok(Some((Kept { text, tag }, version)))
    }

    pub(super) async fn write(
        &self,
        key: &str,
        text: String,
        was: Option<&Tag>,
    ) -> Result<Tag, Fault> {
        self.put(key, text, Some(was)).await
    }

    pub(super) async fn replace(&self, key: &str, text: String) -> Result<(), Fault> {
        self.put(key, text, None).await?;
        Ok(())
    }

    async fn put(&self, key: &str, text: String, was: Option<Option<&Tag>>) -> Result<Tag, Fault> {
        const OPERATION: &str = "s3:PutObject";
        let mut request = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(self.at(key))
            .content_type(content_type(key))
            .body(ByteStream::from(text.into_bytes()));
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

/// What a browser takes the text of a key for.
fn content_type(key: &str) -> &'static str {
    match key.ends_with(".html") {
        true => "text/html; charset=utf-8",
        false => "application/json",
    }
}
