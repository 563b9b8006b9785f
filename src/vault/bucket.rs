//! The bucket: any that speaks S3, over the HTTP client that the house has already.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http_body_util::BodyExt;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use object_store::aws::AmazonS3Builder;
use object_store::client::{
    HttpClient, HttpConnector as Connector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody,
    HttpResponse, HttpResponseBody, HttpService,
};
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, ObjectStore, RetryConfig};
use tokio::time::timeout;

use super::VaultError;

/// A bucket that does not begin to answer within this is away.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where finished recordings go.
#[derive(Clone)]
pub struct Bucket {
    pub name: String,
    pub region: String,
    /// `None`: Amazon's own of the region. The bucket's name is then a part of the path.
    pub endpoint: Option<String>,
    /// Before each name in the bucket; may be empty.
    pub prefix: String,
    pub access_key_id: String,
    pub secret_access_key: String,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket")
            .field("name", &self.name)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

impl Bucket {
    pub(super) fn connect(&self) -> Result<Arc<dyn ObjectStore>, VaultError> {
        let mut builder = AmazonS3Builder::new()
            .with_http_connector(Hyper)
            .with_bucket_name(&self.name)
            .with_region(&self.region)
            .with_access_key_id(&self.access_key_id)
            .with_secret_access_key(&self.secret_access_key)
            // One at a time, as every server can.
            .with_disable_bulk_delete(true)
            // Whoever waits for more is asked again by the job.
            .with_retry(RetryConfig { max_retries: 3, retry_timeout: PATIENCE, ..RetryConfig::default() });
        if let Some(endpoint) = &self.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        Ok(Arc::new(PrefixStore::new(builder.build()?, self.prefix.as_str())))
    }
}

/// Speaks HTTP for the object store.
#[derive(Clone, Copy, Debug)]
struct Hyper;

impl Connector for Hyper {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let https = HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
        Ok(HttpClient::new(Service(Client::builder(TokioExecutor::new()).build(https))))
    }
}

#[derive(Debug)]
struct Service(Client<HttpsConnector<HttpConnector>, HttpRequestBody>);

#[async_trait]
impl HttpService for Service {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let answer = timeout(PATIENCE, self.0.request(request)).await;
        let answer = answer.map_err(|slow| HttpError::new(HttpErrorKind::Timeout, io::Error::from(slow)))?;
        let answer = answer.map_err(|failure| {
            let kind = if failure.is_connect() { HttpErrorKind::Connect } else { HttpErrorKind::Request };
            HttpError::new(kind, failure)
        })?;
        Ok(answer.map(|body| {
            HttpResponseBody::new(body.map_err(|failure| HttpError::new(HttpErrorKind::Interrupted, failure)))
        }))
    }
}
