#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <phonenumbers/phonenumberutil.h>

#include "core/number_ranges.h"
#include "core/phone.h"

/// What is known of the numbering plans: libphonenumber's of 2022, what has changed since, and the forms that numbers
/// had before. For `core/phone.cpp` alone, so that the library's headers are read once.
namespace xion::phone_plan {

using Number = i18n::phonenumbers::PhoneNumber;

/// The library, made once (its metadata takes 20 ms to load) and kept from printing numbers to standard output.
const i18n::phonenumbers::PhoneNumberUtil& library();

/// A number of its parts; zeros that `national` begins with are its own.
Number made_of(std::int32_t country_code, std::string_view national);
std::string national_of(const Number& number);
std::string e164_of(const Number& number);

/// The range that a number is in: `unknown` where the plan has no such range, or not with so many digits; then the
/// region is that of its country code. Empty for numbers of no country.
Range range_of(const Number& number);
NumberType type_of(const Number& number);
bool is_mobile(NumberType type);

/// The number that is meant, where it is written in a form that its plan has no more (Mexico's 1 of mobiles), or with a
/// trunk zero that the plan doesn't have. Nothing where it is meant as it stands.
std::optional<Number> meant_by(const Number& number);

/// Why a number of an unknown range can't be one at all: the plan has no number of this length, or this range only with
/// more or fewer digits. Nothing: a range that is newer than the plan.
std::optional<PhoneError> trouble_in_length(const Number& number);

/// Whether the plan has old forms, so that a number that is right as it stands may mean another one.
bool has_old_forms(std::int32_t country_code);

}  // namespace xion::phone_plan
