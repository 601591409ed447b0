// Asks an endpoint with two SPARQL clients and prints what they understood, as one JSON object.
import { QueryEngine } from '@comunica/query-sparql'
import ParsingClient from 'sparql-http-client/ParsingClient.js'

const [endpoint, select, ask, construct] = process.argv.slice(2)

async function comunica () {
  const engine = new QueryEngine()
  const context = { sources: [{ type: 'sparql', value: endpoint }] }
  const rows = await (await engine.queryBindings(select, context)).toArray()
  const quads = await (await engine.queryQuads(construct, context)).toArray()
  return {
    rows: rows.map(row => Object.fromEntries([...row].map(([variable, term]) => [variable.value, term.value]))),
    boolean: await engine.queryBoolean(ask, context),
    triples: quads.length
  }
}

async function sparqlHttpClient () {
  const client = new ParsingClient({ endpointUrl: endpoint })
  const rows = await client.query.select(select)
  return {
    rows: rows.map(row => Object.fromEntries(Object.entries(row).map(([name, term]) => [name, term.value]))),
    boolean: await client.query.ask(ask),
    triples: [...await client.query.construct(construct)].length
  }
}

console.log(JSON.stringify({ comunica: await comunica(), 'sparql-http-client': await sparqlHttpClient() }))
