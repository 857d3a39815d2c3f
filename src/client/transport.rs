//! One request, one answer, within limits.

use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use reqwest::{Client, RequestBuilder, Response};

use super::error::ValidateError;

/// The bytes of an answer and the charset that its Content-Type names.
pub(super) struct Body {
    pub bytes: Vec<u8>,
    pub charset: Option<String>,
}

/// Gets an address. Only status 200 is looked at, and never more than `cap` bytes are kept.
pub(super) async fn get(http: &Client, url: &str, cap: usize) -> Result<Body, ValidateError> {
    read(send(|| http.get(url)).await?, cap).await
}

/// Posts a message of SOAP 1.1; otherwise as [`get`].
pub(super) async fn post_soap(
    http: &Client,
    url: &str,
    message: &str,
    cap: usize,
) -> Result<Body, ValidateError> {
    let request = || {
        let post = http.post(url).header(CONTENT_TYPE, "text/xml; charset=utf-8");
        post.header("SOAPAction", "http://www.oasis-open.org/committees/security").body(message.to_owned())
    };
    read(send(request).await?, cap).await
}

/// Sends a request, and once more where nothing of it can have arrived: the connection never came about.
/// (A connection from before that turns out to be closed is replaced by the HTTP client itself, and only
/// while nothing was written.) A ticket is never shown twice.
async fn send(request: impl Fn() -> RequestBuilder) -> Result<Response, ValidateError> {
    match request().send().await {
        Err(error) if never_left(&error) => request().send().await,
        other => other,
    }
    .map_err(|error| ValidateError::of_http(&error))
}

/// No connection, and neither for want of time nor because the other side is not believed.
fn never_left(error: &reqwest::Error) -> bool {
    error.is_connect() && matches!(ValidateError::of_http(error), ValidateError::Unreachable(_))
}

async fn read(mut response: Response, cap: usize) -> Result<Body, ValidateError> {
    if response.status().as_u16() != 200 {
        return Err(ValidateError::Status(response.status().as_u16()));
    }
    // We never say that we could unpack anything, so that what is counted is what is read.
    if is_compressed(response.headers()) {
        return Err(ValidateError::Compressed);
    }
    let charset = charset(response.headers());
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| ValidateError::of_http(&error))? {
        if bytes.len() + chunk.len() > cap {
            return Err(ValidateError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Body { bytes, charset })
}

fn is_compressed(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_ENCODING).iter().any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
}

fn charset(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    value.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_owned())
    })
}
