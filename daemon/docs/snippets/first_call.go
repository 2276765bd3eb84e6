// API_KEY=xk_test_… XIONID_URL=https://otp.example go run first_call.go +37499123056 000000
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"
)

var client = &http.Client{Timeout: 10 * time.Second}

func call(path string, body map[string]string) map[string]any {
	sent, _ := json.Marshal(body)
	request, err := http.NewRequest("POST", os.Getenv("XIONID_URL")+path, bytes.NewReader(sent))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("API_KEY"))
	request.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	var told map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&told); err != nil {
		log.Fatal(err)
	}
	if answer.StatusCode >= 300 {
		log.Fatalf("%d %v: %v", answer.StatusCode, told["code"], told["detail"])
	}
	return told
}

func main() {
	phone, code := os.Args[1], os.Args[2]
	sent := call("/v1/otp/send", map[string]string{"phone": phone})
	fmt.Println("sent to", sent["phone"])
	// Your user types the code. With a test key it is 000000.
	verified := call("/v1/otp/verify", map[string]string{"phone": phone, "code": code})
	fmt.Println("verified at", verified["verifiedAt"])
}
