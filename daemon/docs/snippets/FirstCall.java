// API_KEY=xk_test_… XIONID_URL=https://otp.example java FirstCall.java +37499123056 000000
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

public class FirstCall {
    static final HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    /** The answer's body; a real backend reads it with the JSON library that it has. */
    static String call(String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(System.getenv("XIONID_URL") + path))
                .header("Authorization", "Bearer " + System.getenv("API_KEY"))
                .header("Content-Type", "application/json")
                .timeout(Duration.ofSeconds(10))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() >= 300) {
            System.err.println(answer.statusCode() + " " + answer.body());
            System.exit(1);
        }
        return answer.body();
    }

    public static void main(String[] arguments) throws Exception {
        String phone = arguments[0], code = arguments[1];
        System.out.println("sent: " + call("/v1/otp/send", "{\"phone\": \"" + phone + "\"}"));
        // Your user types the code. With a test key it is 000000.
        System.out.println("verified: " + call("/v1/otp/verify",
                "{\"phone\": \"" + phone + "\", \"code\": \"" + code + "\"}"));
    }
}
