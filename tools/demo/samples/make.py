#!/usr/bin/env python3
"""Makes the demo's samples: one invented patient, no real data. Needs pydicom and reportlab from PyPI.

The results are committed; run this only to change them. Same input, same bytes: no clock, no random numbers.
"""
import json
import math
import pathlib

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian
from reportlab.lib.pagesizes import A5
from reportlab.pdfgen import canvas

HERE = pathlib.Path(__file__).parent
NAME, BIRTH, PATIENT_ID = "Sample^Ada", "1961-04-12", "ACESO-DEMO-1"
UID = "2.25.1961041220261123"  # 2.25: UIDs without a registered root (DICOM PS3.5 B.2)


def resource(kind, ident, **fields):
    return {"fullUrl": f"urn:aceso:demo:{ident}", "resource": {"resourceType": kind, "id": ident, **fields}}


def coded(system, code, display):
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def chart():
    subject = {"reference": "urn:aceso:demo:patient"}
    loinc, snomed = "http://loinc.org", "http://snomed.info/sct"
    entries = [
        resource("Patient", "patient", identifier=[{"value": PATIENT_ID}], gender="female", birthDate=BIRTH,
                 name=[{"family": "Sample", "given": ["Ada"]}]),
        resource("Condition", "afib", subject=subject, onsetDateTime="2025-11-02",
                 code=coded(snomed, "49436004", "Atrial fibrillation")),
        resource("MedicationStatement", "apixaban", status="active", subject=subject,
                 medicationCodeableConcept=coded("http://www.whocc.no/atc", "B01AF02", "apixaban 5 mg twice daily")),
        resource("AllergyIntolerance", "penicillin", patient=subject,
                 code=coded(snomed, "764146007", "Penicillin")),
    ]
    for day in range(30):
        entries.append(resource(
            "Observation", f"pulse-{day + 1}", status="final", subject=subject,
            effectiveDateTime=f"2026-10-{day + 1:02}T07:30:00Z", code=coded(loinc, "8867-4", "Heart rate"),
            valueQuantity={"value": 68 + round(9 * math.sin(day / 3)), "unit": "beats/min",
                           "system": "http://unitsofmeasure.org", "code": "/min"}))
    return {"resourceType": "Bundle", "type": "collection", "timestamp": "2026-11-01T08:00:00Z", "entry": entries}


def result():
    return {"resourceType": "DiagnosticReport", "id": "inr-2026-11", "status": "final",
            "code": coded("http://loinc.org", "34714-6", "INR in Blood"),
            "effectiveDateTime": "2026-11-20T09:10:00Z", "conclusion": "INR 1.1. Renal function normal (eGFR 84)."}


def heartbeat(phase):
    """One beat as a sum of bumps: P, Q, R, S and T wave. Phase 0 to 1, result in millivolts."""
    waves = [(0.18, 0.025, 0.12), (0.27, 0.010, -0.12), (0.30, 0.012, 1.10), (0.33, 0.011, -0.25), (0.52, 0.045, 0.30)]
    return sum(height * math.exp(-((phase - at) ** 2) / (2 * width**2)) for at, width, height in waves)


def ecg(path):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.9.1.1"  # 12-lead ECG Waveform Storage
    meta.MediaStorageSOPInstanceUID = UID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID
    ds = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID, ds.SOPInstanceUID = meta.MediaStorageSOPClassUID, UID
    ds.StudyInstanceUID, ds.SeriesInstanceUID = UID + ".1", UID + ".2"
    ds.Modality, ds.PatientName, ds.PatientID = "ECG", NAME, PATIENT_ID
    ds.PatientBirthDate, ds.PatientSex = BIRTH.replace("-", ""), "F"
    ds.StudyDate, ds.StudyTime, ds.AcquisitionDateTime = "20261102", "101500", "20261102101500"
    ds.StudyID, ds.SeriesNumber, ds.InstanceNumber = "1", 1, 1
    group = Dataset()
    group.WaveformOriginality, group.NumberOfWaveformChannels = "ORIGINAL", 12
    group.SamplingFrequency, group.NumberOfWaveformSamples = 500, 2500
    leads = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]
    gains = [0.7, 1.0, 0.5, -0.8, 0.2, 0.8, -0.4, 0.3, 0.8, 1.2, 1.1, 0.9]
    group.ChannelDefinitionSequence = []
    for lead in leads:
        channel, source = Dataset(), Dataset()
        source.CodeValue, source.CodingSchemeDesignator, source.CodeMeaning = lead, "ACESO", f"Lead {lead}"
        channel.ChannelSourceSequence = [source]
        channel.ChannelSensitivity, channel.ChannelSampleSkew, channel.WaveformBitsStored = 1, 0, 16
        group.ChannelDefinitionSequence.append(channel)
    group.WaveformBitsAllocated, group.WaveformSampleInterpretation = 16, "SS"
    beats = 2500 / 410  # 73 beats a minute at 500 Hz
    samples = bytearray()
    for i in range(2500):
        value = heartbeat((i * beats / 2500) % 1)
        for gain in gains:
            samples += round(1000 * gain * value).to_bytes(2, "little", signed=True)
    group.WaveformData = bytes(samples)
    ds.WaveformSequence = [group]
    ds.save_as(path, enforce_file_format=True)


def letter(path):
    page = canvas.Canvas(str(path), pagesize=A5, invariant=1)
    page.setTitle("Discharge letter (invented)")
    text = page.beginText(40, 540)
    text.setFont("Helvetica", 10)
    for line in ["St Elsewhere Hospital - Cardiology", "", "Discharge letter: Ada Sample, born 1961-04-12", "",
                 "Admitted 2026-11-01 with palpitations. Atrial fibrillation,", "rate controlled. Apixaban 5 mg twice daily.",
                 "Control visit in four weeks.", "", "All persons and findings in this letter are invented."]:
        text.textLine(line)
    page.drawText(text)
    page.save()


if __name__ == "__main__":
    (HERE / "chart.fhir.json").write_text(json.dumps(chart(), indent=1) + "\n")
    (HERE / "laboratory-result.fhir.json").write_text(json.dumps(result(), indent=1) + "\n")
    ecg(HERE / "ecg.dcm")
    letter(HERE / "discharge-letter.pdf")
