// Package xionid is a client of XionID, by the standard library alone.
//
// Each POST has an Idempotency-Key of its own for all its tries: where only the answer was lost, the next try gets it,
// and nothing is sent twice.
package xionid

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Client makes calls; its zero Timeout and Tries mean ten seconds and three tries.
type Client struct {
	URL     string
	Key     string
	Timeout time.Duration // Of one try.
	Tries   int           // Of one call, where the network or the daemon fails for a moment.
	HTTP    *http.Client
}

// SendRequest has what a send may say; empty members are left out.
type SendRequest struct {
	Phone      string            `json:"phone"`
	Country    string            `json:"country,omitempty"`
	TTLSeconds int               `json:"ttlSeconds,omitempty"`
	CodeLength int               `json:"codeLength,omitempty"`
	Purpose    string            `json:"purpose,omitempty"`
	Locale     string            `json:"locale,omitempty"`
	Template   string            `json:"template,omitempty"`
	Variables  map[string]string `json:"variables,omitempty"`
	UserIP     string            `json:"userIp,omitempty"`
	UserID     string            `json:"userId,omitempty"`
	Reference  string            `json:"reference,omitempty"`
	Metadata   map[string]string `json:"metadata,omitempty"`
	Resend     string            `json:"resend,omitempty"`
}

// Sent is what a send tells.
type Sent struct {
	RequestID         string    `json:"requestId"`
	Phone             string    `json:"phone"` // Masked.
	Country           string    `json:"country"`
	TTLSeconds        int       `json:"ttlSeconds"`
	ExpiresAt         time.Time `json:"expiresAt"`
	Resend            bool      `json:"resend"`
	Sends             int       `json:"sends"`
	ResendAvailableAt time.Time `json:"resendAvailableAt"`
	AttemptsRemaining int       `json:"attemptsRemaining"`
	Delivery          struct {
		Status string `json:"status"`
		Route  string `json:"route"`
	} `json:"delivery"`
	Test bool `json:"test"`
}

// VerifyRequest needs Code, and Phone or RequestID.
type VerifyRequest struct {
	Code      string `json:"code"`
	Phone     string `json:"phone,omitempty"`
	RequestID string `json:"requestId,omitempty"`
	Purpose   string `json:"purpose,omitempty"`
	UserIP    string `json:"userIp,omitempty"`
}

// Error is a refusal. Switch on Code.
type Error struct {
	HTTPStatus        int       `json:"-"`
	Code              string    `json:"code"`
	Title             string    `json:"title"`
	Detail            string    `json:"detail"`
	Field             string    `json:"field"`
	RequestID         string    `json:"requestId"`
	AttemptsRemaining int       `json:"attemptsRemaining"`
	RetryAfterSeconds int       `json:"retryAfterSeconds"`
	ExpiresAt         time.Time `json:"expiresAt"`
}

func (e *Error) Error() string { return fmt.Sprintf("%d %s: %s", e.HTTPStatus, e.Code, e.Detail) }

// IsCode tells whether an error is a refusal with this code.
func IsCode(err error, code string) bool {
	var refusal *Error
	return errors.As(err, &refusal) && refusal.Code == code
}

// Send makes a code and sends it.
func (c *Client) Send(ctx context.Context, request SendRequest) (*Sent, error) {
	var sent Sent
	return &sent, c.call(ctx, "POST", "/v1/otp/send", request, &sent)
}

// Verify gives the moment for the right code; everything else is an error.
func (c *Client) Verify(ctx context.Context, request VerifyRequest) (time.Time, error) {
	var verified struct {
		VerifiedAt time.Time `json:"verifiedAt"`
	}
	err := c.call(ctx, "POST", "/v1/otp/verify", request, &verified)
	return verified.VerifiedAt, err
}

// Cancel makes a code useless.
func (c *Client) Cancel(ctx context.Context, requestID string) error {
	return c.call(ctx, "POST", "/v1/otp/"+url.PathEscape(requestID)+"/cancel", struct{}{}, nil)
}

// Read decodes a request's story into told.
func (c *Client) Read(ctx context.Context, requestID string, told any) error {
	return c.call(ctx, "GET", "/v1/otp/"+url.PathEscape(requestID), nil, told)
}

func (c *Client) call(ctx context.Context, method, path string, body, told any) error {
	var sent []byte
	if body != nil {
		var err error
		if sent, err = json.Marshal(body); err != nil {
			return err
		}
	}
	random := make([]byte, 16)
	if _, err := rand.Read(random); err != nil {
		return err
	}
	key, left := hex.EncodeToString(random), c.Tries
	if left == 0 {
		left = 3
	}
	for {
		left--
		err, wait := c.try(ctx, method, path, key, sent, told)
		if err == nil || wait == 0 || left <= 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// try makes one try. A wait says that another may follow.
func (c *Client) try(ctx context.Context, method, path, key string, sent []byte, told any) (error, time.Duration) {
	timeout := c.Timeout
	if timeout == 0 {
		timeout = 10 * time.Second
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(limited, method, strings.TrimSuffix(c.URL, "/")+path, bytes.NewReader(sent))
	if err != nil {
		return err, 0
	}
	request.Header.Set("Authorization", "Bearer "+c.Key)
	if method == "POST" {
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Idempotency-Key", key)
	}
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	answer, err := client.Do(request)
	if err != nil {
		return err, 500 * time.Millisecond
	}
	defer answer.Body.Close()
	if answer.StatusCode < 300 {
		if told == nil {
			return nil, 0
		}
		return json.NewDecoder(answer.Body).Decode(told), 0
	}
	refusal := &Error{HTTPStatus: answer.StatusCode}
	if json.NewDecoder(answer.Body).Decode(refusal) != nil {
		refusal.Detail = answer.Status // What stands between us and the daemon may answer in another form.
	}
	return refusal, waitAfter(answer.StatusCode, refusal.RetryAfterSeconds)
}

// waitAfter is zero where the answer stays as it is.
func waitAfter(status, seconds int) time.Duration {
	switch status {
	case 408, 409, 500, 502, 503, 504:
		if seconds > 30 {
			seconds = 30
		}
		if seconds > 0 {
			return time.Duration(seconds) * time.Second
		}
		return 500 * time.Millisecond
	}
	return 0
}

// VerifyWebhook tells whether a body, as it came and before any parsing, is from XionID and not older than five minutes.
func VerifyWebhook(secret string, header http.Header, body []byte) error {
	timestamp := header.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || time.Since(time.Unix(seconds, 0)).Abs() > 5*time.Minute {
		return errors.New("xionid: the webhook is too old")
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(header.Get("webhook-id") + "." + timestamp + "."))
	mac.Write(body)
	expected := []byte("v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	// There are several while a secret is being changed.
	for _, one := range strings.Fields(header.Get("webhook-signature")) {
		if hmac.Equal([]byte(one), expected) {
			return nil
		}
	}
	return errors.New("xionid: the webhook is not signed by XionID")
}
