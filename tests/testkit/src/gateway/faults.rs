use std::fmt::Write;

/// A reply that nginx makes itself: the status, and what it says.
pub(super) struct GatewayFault {
    pub(super) status: u16,
    pub(super) message: &'static str,
    pub(super) code: &'static str,
    /// The codes for which nginx gives this reply; 494 is its own, never seen outside, for headers that are too large.
    pub(super) causes: &'static str,
}

/// Whatever nginx itself answers with at the gateway.
pub(super) const GATEWAY_FAULTS: [GatewayFault; 10] = [
    GatewayFault { status: 400, message: "Bad Request", code: "bad_request", causes: "400" },
    GatewayFault { status: 404, message: "Not Found", code: "not_found", causes: "404" },
    GatewayFault { status: 405, message: "Method Not Allowed", code: "method_not_allowed", causes: "405" },
    GatewayFault { status: 408, message: "Request Timeout", code: "body_timeout", causes: "408" },
    GatewayFault { status: 413, message: "Content Too Large", code: "body_too_large", causes: "413" },
    GatewayFault { status: 414, message: "URI Too Long", code: "uri_too_long", causes: "414" },
    GatewayFault {
        status: 431,
        message: "Request Header Fields Too Large",
        code: "headers_too_large",
        causes: "494",
    },
    GatewayFault { status: 500, message: "Internal Server Error", code: "internal_error", causes: "500" },
    GatewayFault { status: 502, message: "Bad Gateway", code: "bad_gateway", causes: "502" },
    GatewayFault { status: 504, message: "Gateway Timeout", code: "gateway_timeout", causes: "504" },
];

/// Makes nginx's own errors look like those of the services. Replies that came from a service are not touched.
///
/// Named locations would be nicer, but nginx cannot go there from a request whose path it has not read.
pub(super) fn write_faults(conf: &mut String, faults: &[GatewayFault]) {
    for GatewayFault { status, message, code, causes } in faults {
        let _ = write!(
            conf,
            r#"
        error_page {causes} ={status} /.fault/{status};
        location = /.fault/{status} {{
            internal;
            default_type application/json;
            add_header Case-ID $gateway_case_id always;
            return {status} '{{"case_id":"$gateway_case_id","detail":[{{"loc":["internal"],"msg":"{message}","type":"http_error","code":"{code}"}}]}}';
        }}
"#
        );
    }
}
