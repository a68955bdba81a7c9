use aceso_sdk::flow::Receipt;
use serde_json::{Value, json};

use crate::{args::value::Sol, printer::Printer};

pub fn json(receipt: &Receipt) -> Value {
    let sent = receipt.sent.iter().map(|sent| {
        json!({
            "signature": sent.signature.to_string(), "slot": sent.slot, "fee_lamports": sent.fee_lamports,
            "compute_units": sent.compute_units, "wire_bytes": sent.wire_len,
        })
    });
    Value::Array(sent.collect())
}

/// With --verbose: what went to the chain and what it cost.
pub fn tell(printer: &Printer, receipt: &Receipt) {
    for sent in &receipt.sent {
        printer.detail(format_args!(
            "transaction {}\n  slot {}, fee {}, {} compute units, {} bytes",
            sent.signature,
            sent.slot,
            Sol(sent.fee_lamports),
            sent.compute_units,
            sent.wire_len,
        ));
    }
}
