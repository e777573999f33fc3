//! Makes answers readable for the SDK that it would refuse for a null in a map or a list.
//!
//! The body of an answer has not arrived when an interceptor sees it, so that it is exchanged for one that
//! collects it first.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextMut;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use bytes::Bytes;
use http_body::{Body, Frame};

use super::nulls;

/// The operation whose answer is a document of its own: a null there says what its author meant.
const EXPORT: &str = "ExportApi";

/// Cuts nulls out of the maps and lists of JSON answers before the SDK reads them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Readable;

impl Intercept for Readable {
    fn name(&self) -> &'static str {
        "cut nulls out of maps and lists"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = config.load::<Metadata>().map(Metadata::name);
        let answer = context.response_mut();
        if !answer.status().is_success() || operation == Some(EXPORT) {
            return Ok(());
        }
        let body = std::mem::replace(answer.body_mut(), SdkBody::taken());
        *answer.body_mut() = match body.bytes() {
            Some(bytes) => match nulls::without(bytes) {
                Some(changed) => SdkBody::from(changed),
                None => body,
            },
            None => SdkBody::from_body_1_x(Collected {
                body,
                so_far: Vec::new(),
                is_over: false,
            }),
        };
        Ok(())
    }
}

/// A body that is passed on when it is complete, without the nulls in its maps and lists. It fails as the one
/// that it collects does.
struct Collected {
    body: SdkBody,
    so_far: Vec<u8>,
    is_over: bool,
}

impl Body for Collected {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        while !this.is_over {
            match ready!(Pin::new(&mut this.body).poll_frame(context)) {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        this.so_far.extend_from_slice(&data);
                    }
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => this.is_over = true,
            }
        }
        let all = std::mem::take(&mut this.so_far);
        if all.is_empty() {
            return Poll::Ready(None);
        }
        let all = nulls::without(&all).unwrap_or(all);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(all)))))
    }

    fn is_end_stream(&self) -> bool {
        self.is_over && self.so_far.is_empty()
    }
}
