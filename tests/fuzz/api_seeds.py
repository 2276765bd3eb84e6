"""Writes the first inputs of fuzz_api: the examples of the OpenAPI file, and what clients get wrong. api_seeds.py OPENAPI-FILE DIR"""

import json
import pathlib
import sys

import yaml

SEND, VERIFY, QUERY, PATH, HEADER, TIME = range(6)
BODIES = {"sendOtp": SEND, "verifyOtp": VERIFY}
MORE = {
    SEND: ['{"phone":"8 (499) 123-05-60","country":"ru","locale":"pt-BR","template":"x","variables":{"name":"Ани"},"metadata":{"a":"b"},'
           '"appHash":"FA+9qCX9VSu","webOrigin":"example.com","userIp":"::ffff:203.0.113.7","resend":"rotate","dryRun":true,"codeLength":8}',
           '{"phone":"\\ud83d\\ude00"}', '{"phone":"\\ud83d"}', '{"phone":"1","phone":"2"}', '{"ttlSecond":60}', '{"phone":1e400}', '[{}]'],
    VERIFY: ['{"requestId":"OTP-06EZ7K3M9QX2T5RB","code":"１２３ ４-５６"}', '{"phone":"+37499123056","code":"٠١٢٣٤٥","purpose":"login"}'],
    QUERY: ["phone=%2B37499123056&status=verified&delivery=delivered&country=AM&reference=a+b&from=2026-02-12&to=2026-02-12T12:00:00%2B04:00"
            "&cursor=06EZ7K3M9QX2T5RB&limit=7", "a=%C3%28", "a=%ED%A0%80", "a=%00", "limit=0", "limit=1&limit=2", "phone= 37499123056"],
    PATH: ["/v1/otp/OTP-06EZ7K3M9QX2T5RB/cancel", "/v1//otp/send/", "/v1/otp/%2e%2e/send", "/v1/otp/%zz", "/v1/otp/a%2Fb/cancel"],
    HEADER: ["Bearer xk_live_0123456789abcdefghijklmnopqrstuv", 'bearer   "xk_test_0"', "Basic eDp5", "application/json; charset=utf-8",
             "0d3f6a1e-8f6e-4c58-9d2b-6a0f6b4f5f1e", "198.51.100.1, 203.0.113.7"],
    TIME: ["2026-02-12T12:00:00Z", "2026-02-12 12:00:00.123456 04:00", "2026-02-29", "1700000000", "2080-12-31T23:59:60-23:59"],
}


def main(contract, folder):
    seeds = [(kind, text) for kind, texts in MORE.items() for text in texts]
    for path, item in yaml.safe_load(pathlib.Path(contract).read_text())["paths"].items():
        seeds.append((PATH, path))
        for operation in item.values():
            kind = BODIES.get(operation.get("operationId"))
            for media in operation.get("requestBody", {}).get("content", {}).values():
                for example in [media["example"]] if "example" in media else [each["value"] for each in media.get("examples", {}).values()]:
                    seeds.append((SEND if kind is None else kind, json.dumps(example)))
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for n, (kind, text) in enumerate(seeds):
        (folder / f"seed-{n}").write_bytes(bytes([kind]) + text.encode("utf-8", "surrogatepass"))


main(*sys.argv[1:])
