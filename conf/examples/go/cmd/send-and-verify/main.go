// Sends a code to a phone, asks for it, and verifies it: API_KEY=… go run ./cmd/send-and-verify +37499123056
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"

	"xionid.example/xionid"
)

func main() {
	if len(os.Args) != 2 || os.Getenv("API_KEY") == "" {
		fmt.Fprintln(os.Stderr, "usage: API_KEY=… send-and-verify PHONE")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Println("refused:", err)
		os.Exit(1)
	}
}

func run(phone string) error {
	address := os.Getenv("XIONID_URL")
	if address == "" {
		address = "http://127.0.0.1:8080"
	}
	ctx, xion := context.Background(), &xionid.Client{URL: address, Key: os.Getenv("API_KEY")}
	sent, err := xion.Send(ctx, xionid.SendRequest{Phone: phone, TTLSeconds: 120})
	if err != nil {
		return err
	}
	fmt.Printf("sent to %s as %s, %s by %s\n", sent.Phone, sent.RequestID, sent.Delivery.Status, sent.Delivery.Route)
	for typed := bufio.NewScanner(os.Stdin); typed.Scan(); {
		at, err := xion.Verify(ctx, xionid.VerifyRequest{Phone: phone, Code: typed.Text()})
		if err == nil {
			fmt.Println("verified at", at.Format("2006-01-02T15:04:05Z"))
			break
		}
		var refusal *xionid.Error
		if !errors.As(err, &refusal) || refusal.Code != "invalid_code" {
			return err
		}
		fmt.Printf("wrong, %d left\n", refusal.AttemptsRemaining)
	}
	var story struct {
		Status string `json:"status"`
	}
	if err := xion.Read(ctx, sent.RequestID, &story); err != nil {
		return err
	}
	fmt.Println(story.Status)
	return nil
}
