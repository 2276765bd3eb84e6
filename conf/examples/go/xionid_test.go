package xionid

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"
)

func TestRetriesUnderOneKeyAndStopsWhereTheAnswerStays(t *testing.T) {
	var keys []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		keys = append(keys, r.Header.Get("Idempotency-Key"))
		switch len(keys) {
		case 1, 2:
			w.WriteHeader(503)
			w.Write([]byte(`{"code": "overloaded"}`))
		case 3:
			w.Write([]byte(`{"requestId": "OTP-1"}`))
		default:
			w.WriteHeader(429)
			w.Write([]byte(`{"code": "rate_limited"}`))
		}
	}))
	defer server.Close()
	client := &Client{URL: server.URL, Key: "xk_test_x"}
	sent, err := client.Send(context.Background(), SendRequest{Phone: "+37499123056"})
	if err != nil || sent.RequestID != "OTP-1" || keys[0] == "" || keys[0] != keys[2] {
		t.Fatal(sent, err, keys)
	}
	if _, err = client.Send(context.Background(), SendRequest{Phone: "+37499123056"}); !IsCode(err, "rate_limited") || len(keys) != 4 {
		t.Fatal(err, keys)
	}
}

func TestVerifiesWebhooks(t *testing.T) {
	key, body := []byte("0123456789abcdef"), []byte(`{"type":"otp.created"}`)
	secret := "whsec_" + base64.StdEncoding.EncodeToString(key)
	signed := func(at time.Time) http.Header {
		timestamp := strconv.FormatInt(at.Unix(), 10)
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte("msg_1." + timestamp + "." + string(body)))
		header := http.Header{}
		header.Set("webhook-id", "msg_1")
		header.Set("webhook-timestamp", timestamp)
		header.Set("webhook-signature", "v1,AAAA v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		return header
	}
	if err := VerifyWebhook(secret, signed(time.Now()), body); err != nil {
		t.Fatal(err)
	}
	if VerifyWebhook(secret, signed(time.Now()), append(body, ' ')) == nil || VerifyWebhook(secret, signed(time.Now().Add(-time.Hour)), body) == nil ||
		VerifyWebhook(secret, http.Header{}, body) == nil {
		t.Fatal("taken")
	}
}
