//! The signature of a request, by the SDK's own signer.

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use hyper::Request;
use hyper::header::{HeaderName, HeaderValue};

use crate::aws::client::Clients;

/// The service that requests are signed for.
const SERVICE: &str = "execute-api";

/// Signs with the credentials of a caller.
#[derive(Debug, Clone)]
pub struct Signer {
    clients: Clients,
    credentials: Credentials,
}

/// There is nothing to sign with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there are no credentials to sign with: {0}")]
pub struct NoCredentials(String);

impl Signer {
    /// Takes the credentials that the clients have.
    ///
    /// # Errors
    /// Where they have none.
    pub async fn new(clients: &Clients) -> Result<Self, NoCredentials> {
        let credentials = clients.credentials().await.map_err(NoCredentials)?;
        Ok(Signer {
            clients: clients.clone(),
            credentials,
        })
    }

    /// Adds the signature to a request, whose headers and `https` URL are complete.
    ///
    /// # Errors
    /// Why it could not be signed, in words.
    pub(super) fn sign(
        &self,
        request: &mut Request<String>,
        url: &str,
        region: &str,
    ) -> Result<(), String> {
        let identity = self.credentials.clone().into();
        let now = self.clients.time().ok_or("there is no clock")?;
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(SERVICE)
            .time(now)
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| error.to_string())?;
        let headers = request.headers().iter();
        // Only the host is signed besides the signature's own: anything in between may touch the others.
        let headers = headers.filter(|(name, _)| *name == "host");
        let headers =
            headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let signable = SignableRequest::new(
            request.method().as_str(),
            url,
            headers,
            SignableBody::Bytes(b""),
        );
        let signable = signable.map_err(|error| error.to_string())?;
        let signed = sign(signable, &params.into()).map_err(|error| error.to_string())?;
        let (instructions, _) = signed.into_parts();
        let (headers, _) = instructions.into_parts();
        for header in headers {
            let name = HeaderName::from_bytes(header.name().as_bytes());
            let name = name.map_err(|error| error.to_string())?;
            let mut value =
                HeaderValue::from_str(header.value()).map_err(|error| error.to_string())?;
            value.set_sensitive(true);
            request.headers_mut().insert(name, value);
        }
        Ok(())
    }
}
