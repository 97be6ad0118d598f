//! What is true of every operation that is limited: its headers, and for whom it counts.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Header, RefOr, Required, Response};

/// Adds the headers of answers that are counted, and the one by which a server says for whom it calls.
pub(super) fn complete(operation: &mut Operation) {
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            announce(response);
        }
    }
    let client = ParameterBuilder::new()
        .name("Client-Address")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "The IPv4 or IPv6 address of the person for whom a server calls, so that limits count each; needs a token with the scope \
             `actions:forward`.",
        ))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).build()));
    operation.parameters.get_or_insert_default().push(RefOr::T(client.build()));
}

/// Adds the headers that announce limits.
pub(super) fn announce(response: &mut Response) {
    response.headers.insert("RateLimit-Policy".to_owned(), RefOr::T(header(
        "The limits that the call counts on, each with its amount and its window in seconds: `\"submissions\";q=60;w=3600`.",
    )));
    response.headers.insert(
        "RateLimit".to_owned(),
        RefOr::T(header(
            "What is left of the client's own, and in how many seconds all of it will be: `\"submissions\";r=59;t=60`.",
        )),
    );
}

fn header(description: &str) -> Header {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    HeaderBuilder::new().schema(Some(text)).description(Some(description)).build()
}
