# Net::SMPP as SMSC: takes any bind, accepts every submit_sm, and sends a receipt for it 50 ms later, in the manner that the account's name says.
# Prints one JSON line for each thing that it reads; {"listening": PORT} comes first.
use strict;
use warnings;
use IO::Handle;
use JSON::PP;
use Net::SMPP;
use Time::HiRes qw(sleep);

STDOUT->autoflush(1);
$SIG{CHLD} = $SIG{PIPE} = 'IGNORE';
my $json = JSON::PP->new->canonical;
sub say_line { syswrite(STDOUT, $json->encode({@_}) . "\n") or exit }

# What some carriers' receipts are like: by data_sm, with the addresses as in the submit, with another network's id in the TLV.
my %habits = (
    datasm   => { command => 'data_sm' },
    straight => { is_turned => 0 },
    foreign  => { tlv_id => '0f8fad5bd9cb469fa16570867728950e' },
);

sub receipt {
    my ($session, $submit, $id, $account) = @_;
    my $habit = { command => 'deliver_sm', is_turned => 1, tlv_id => $id, %{ $habits{$account} // {} } };
    my ($from, $to) = @{$submit}{qw(destination_addr source_addr)};
    ($from, $to) = ($to, $from) unless $habit->{is_turned};
    my $text = "id:$id sub:001 dlvrd:001 submit date:2602121200 done date:2602121200 stat:DELIVRD err:000 text:";
    my $command = $habit->{command};
    $session->$command(
        source_addr_ton => 1, source_addr_npi => 1, source_addr => $from, destination_addr => $to, esm_class => 0x04,
        ($command eq 'data_sm' ? (message_payload => $text) : (short_message => $text)),
        receipted_message_id => "$habit->{tlv_id}\0", message_state => chr(2), async => 1);
}

sub serve {
    my ($session) = @_;
    my ($account, $last_id) = ('', 0x2000 + 0x100 * ($$ % 0x1000));
    while (my $pdu = $session->read_pdu) {
        my $command = $pdu->explain_cmd;
        if ($command =~ /^bind_(?!.*_resp)/) {
            $account = $pdu->{system_id};
            say_line(account => $account, command => $command);
            my $answer = "${command}_resp";
            $session->$answer(seq => $pdu->seq, system_id => 'net-smpp');
            if ($account eq 'dropped') { sleep(0.05); return }
        } elsif ($command eq 'submit_sm') {
            my $id = sprintf('%x', ++$last_id);
            say_line(account => $account, command => $command, map { $_ => $pdu->{$_} } qw(source_addr destination_addr data_coding));
            $session->submit_sm_resp(seq => $pdu->seq, message_id => $id);
            sleep(0.05);
            receipt($session, $pdu, $id, $account);
        } elsif ($command eq 'enquire_link') {
            say_line(account => $account, command => $command);
            $session->enquire_link_resp(seq => $pdu->seq);
        } elsif ($command eq 'unbind') {
            $session->unbind_resp(seq => $pdu->seq);
            return;
        } elsif ($command =~ /_resp$/) {
            say_line(answer => $command, status => $pdu->status + 0);
        }
    }
}

my $listener = Net::SMPP->new_listen('127.0.0.1', port => 0, smpp_version => 0x34, timeout => undef) or die "can't listen: $!";
say_line(listening => $listener->sockport + 0);
while (1) {
    my $session = $listener->accept or next;
    my $child = fork // die "can't fork: $!";
    if ($child == 0) {
        open(STDERR, '>', '/dev/null');   # It warns of every connection that ends.
        close($listener);
        serve($session);
        $session->close;
        exit;
    }
    close($session);
}
